/* What the mock upstream and the load generator share: time, samples, process figures, reply framing. */
#ifndef COMMON_H
#define COMMON_H
#include <stddef.h>
#include <stdint.h>

/* CLOCK_MONOTONIC in nanoseconds; the same clock in every process, so stamps can be compared across them. */
uint64_t now_ns(void);

/* Prints "program: message" and ends the process with status 1. */
_Noreturn void die(const char *message);

int set_nonblocking(int fd);
void set_nodelay(int fd);
/* A non-blocking TCP connection to 127.0.0.1:port that may still be connecting; -1 on failure. */
int connect_local(int port);
/* Raises the limit of open files as far as allowed. */
void raise_file_limit(void);

/* Samples in nanoseconds, kept whole: percentiles are exact. */
struct samples {
    uint64_t *values;
    size_t count, capacity;
};
void samples_add(struct samples *s, uint64_t value);
/* The p-th percentile (0-100) in microseconds; -1 when empty. Sorts. */
double samples_percentile_us(struct samples *s, double p);

/* On-CPU nanoseconds of all threads of a process (schedstat); 0 when pid is 0 or gone. */
uint64_t cpu_ns(int pid);
/* Resident memory of a process in KB; 0 when pid is 0 or gone. */
long rss_kb(int pid);

/* Incremental reader of HTTP/1.1 replies with content-length or chunked bodies, any split of bytes. */
struct reply {
    int state, status;
    int chunked, has_length, close;
    uint64_t left; /* body or chunk bytes still to come */
    uint64_t body_bytes;
    size_t line_length;
    char line[8192]; /* current head or chunk-size line; longer lines are an error */
};
enum reply_result { REPLY_MORE, REPLY_DONE, REPLY_BAD };
typedef void (*body_callback)(void *context, const char *bytes, size_t count);
void reply_reset(struct reply *r);
/* Reads bytes until the reply ends; *used says how many were taken. */
enum reply_result reply_read(struct reply *r, const char *bytes, size_t count, size_t *used,
                             body_callback on_body, void *context);

/* A whole file; dies when it cannot be read. */
char *read_file(const char *path, size_t *count);
#endif
