/*
 * translate - the command: one request or answer from one protocol to another,
 * from standard input to standard output.
 *
 * The whole of proto/ without a gateway around it: for trying things out, for
 * bug reports, and for the golden tests.
 */
#ifndef COMMAND_TRANSLATE_H
#define COMMAND_TRANSLATE_H

/*
 * argv[0] is the command's name.  Returns the exit status: 0 done, 1 refused
 * (the error body is on standard output) or broken, 2 not understood.
 */
int	translate_main(int argc, char **argv);

#endif
