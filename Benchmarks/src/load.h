/* The load generator's parts: one connection type, one event loop, three ways to drive it. */
#ifndef LOAD_H
#define LOAD_H
#include "common.h"

enum phase { CONNECTING, IDLE, SENDING, RECEIVING, GONE };

struct client {
    int fd;
    enum phase phase;
    size_t sent;         /* bytes of the request written */
    uint64_t scheduled;  /* when the request should have started (open loop) or did start */
    uint64_t first_byte; /* of the body; 0 before */
    struct reply reply;
    char scan[64]; /* tail of the stream that may hold a split stamp */
    size_t scan_length;
    struct client *next_idle;
};

/* What a run needs to know; filled from the command line. */
enum { SERIAL_DIGITS = 10 };

struct run {
    int port, pid, connections;
    double seconds, warm_seconds, rate;
    char *request;
    size_t request_length;
    char *serial; /* digits within request that differ each time, or NULL */
    uint64_t serial_next;
    int epoll;
    struct client *clients;
    uint64_t measure_from, measure_to;
    uint64_t cpu_from, cpu_to;
    struct samples latency, first_byte, event_delay;
    uint64_t done, total, errors, bad_status; /* done: replies of the measured time; total: of all */
};

/* Called when a reply has ended (ok = 1) or broken (ok = 0); the client is IDLE or GONE then. */
typedef void (*reply_callback)(struct run *run, struct client *c, int ok, uint64_t now);

void client_open(struct run *run, struct client *c);
/* Starts the request now; its latency counts from `scheduled`. */
void client_start(struct run *run, struct client *c, uint64_t scheduled);
/* Handles what epoll reported for one client. */
void client_event(struct run *run, struct client *c, uint32_t events, reply_callback on_reply);
void client_close(struct run *run, struct client *c);
int is_measuring(const struct run *run, uint64_t now);

int run_closed(struct run *run);
int run_rate(struct run *run);
int run_stream(struct run *run, int ramp_ms);
#endif
