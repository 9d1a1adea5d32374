/*
 * echo - a mock provider that speaks all four protocols, for demos and tests.
 *
 * It answers with what it was told, refuses what real providers refuse, and
 * misbehaves on demand: see echo/script.h for the words that direct it.
 */
#ifndef ECHO_ECHO_H
#define ECHO_ECHO_H

/* The command `echo`: arguments without the name of the program, exit code. */
int	echo_main(int argc, char **argv);

/* Serve on a listening descriptor, which is closed at the end, till SIGTERM. */
int	echo_serve(int fd);

#endif
