/*
 * log - one line per fact, on stderr, as logfmt or JSON.
 *
 *	log_begin(LOG_INFO, "request");
 *	log_text("id", id);
 *	log_num("status", 200);
 *	log_end();
 *
 * or, for a sentence, log_info("listening on %s", where).  A line is written
 * with one write() and cut at LOG_LINE_MAX.  Values are quoted as they need;
 * control bytes never reach the terminal.  Never pass a secret or a prompt.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/slice.h"

enum { LOG_LINE_MAX = 4096 };

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };
enum log_form { LOG_LOGFMT, LOG_JSON };

/* Both hold for the process and its children. */
void	log_setup(enum log_level, enum log_form);
bool	log_on(enum log_level);

/*
 * "error", "warn", "info" or "debug", "logfmt" or "json", or both with a comma
 * between: "info,json".  What is not named is left alone.  False: not
 * understood.
 */
bool	log_parse(struct slice spec, enum log_level *, enum log_form *);

/* One line field by field.  If the level is off the calls do nothing. */
void	log_begin(enum log_level, const char *what);
void	log_text(const char *key, struct slice value);
void	log_str(const char *key, const char *value);
void	log_num(const char *key, int64_t value);
void	log_end(void);

void	log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void	log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void	log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void	log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
