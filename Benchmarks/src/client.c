#define _GNU_SOURCE
#include "load.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static void watch(struct run *run, struct client *c, int op, uint32_t events) {
    struct epoll_event e = {.events = events, .data.ptr = c};
    epoll_ctl(run->epoll, op, c->fd, &e);
}

int is_measuring(const struct run *run, uint64_t now) {
    return now >= run->measure_from && now < run->measure_to;
}

void client_open(struct run *run, struct client *c) {
    c->fd = connect_local(run->port);
    c->phase = CONNECTING;
    if (c->fd < 0) {
        c->phase = GONE;
        run->errors++;
        return;
    }
    watch(run, c, EPOLL_CTL_ADD, EPOLLIN | EPOLLOUT);
}

void client_close(struct run *run, struct client *c) {
    (void)run;
    if (c->fd >= 0) close(c->fd);
    c->fd = -1;
    c->phase = GONE;
}

/* Writes what the socket takes; 0 when the connection broke. */
static int send_more(struct run *run, struct client *c) {
    while (c->sent < run->request_length) {
        ssize_t n = send(c->fd, run->request + c->sent, run->request_length - c->sent, MSG_NOSIGNAL);
        if (n < 0) {
            if (errno != EAGAIN) return 0;
            watch(run, c, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
            return 1;
        }
        c->sent += (size_t)n;
    }
    if (c->phase == SENDING) c->phase = RECEIVING;
    return 1;
}

/* Gives the request a number of its own. */
static void number(struct run *run) {
    uint64_t left = run->serial_next++;
    for (int i = SERIAL_DIGITS; i-- > 0; left /= 10) run->serial[i] = (char)('0' + left % 10);
}

void client_start(struct run *run, struct client *c, uint64_t scheduled) {
    if (run->serial) number(run);
    c->scheduled = scheduled;
    c->sent = 0;
    c->first_byte = 0;
    c->scan_length = 0;
    c->phase = SENDING;
    reply_reset(&c->reply);
    send_more(run, c); /* a broken connection shows at the next event */
}

struct body_context {
    struct run *run;
    struct client *c;
    uint64_t now;
};

/* Finds every stamp "sent_ns":N of a stream, also one that is split between two reads. */
static void find_stamps(struct body_context *x, const char *bytes, size_t count) {
    static const char key[] = "\"sent_ns\":";
    struct client *c = x->c;
    char joined[128];
    size_t head = count < sizeof joined - c->scan_length ? count : sizeof joined - c->scan_length;
    if (c->scan_length) {
        /* Look at the kept tail with the start of the new bytes, for stamps that begin in the tail. */
        memcpy(joined, c->scan, c->scan_length);
        memcpy(joined + c->scan_length, bytes, head);
        char *found = memmem(joined, c->scan_length + head, key, sizeof key - 1);
        if (found && (size_t)(found - joined) < c->scan_length) {
            char *stop = memchr(found, '}', c->scan_length + head - (size_t)(found - joined));
            if (stop) {
                uint64_t stamp = strtoull(found + sizeof key - 1, NULL, 10);
                if (is_measuring(x->run, x->now)) samples_add(&x->run->event_delay, x->now - stamp);
                c->scan_length = 0;
            }
        }
    }
    const char *at = bytes, *end = bytes + count;
    const char *kept = NULL;
    while ((at = memmem(at, (size_t)(end - at), key, sizeof key - 1))) {
        if (!memchr(at, '}', (size_t)(end - at))) {
            kept = at;
            break;
        }
        uint64_t stamp = strtoull(at + sizeof key - 1, NULL, 10);
        if (is_measuring(x->run, x->now)) samples_add(&x->run->event_delay, x->now - stamp);
        at += sizeof key - 1;
    }
    if (!kept) kept = count > sizeof key ? end - sizeof key : bytes;
    size_t keep = (size_t)(end - kept);
    if (keep > sizeof c->scan) keep = sizeof c->scan, kept = end - keep;
    memcpy(c->scan, kept, keep);
    c->scan_length = keep;
}

static void on_body(void *context, const char *bytes, size_t count) {
    struct body_context *x = context;
    if (!x->c->first_byte) x->c->first_byte = x->now;
    if (x->c->reply.chunked) find_stamps(x, bytes, count);
}

static void receive(struct run *run, struct client *c, reply_callback on_reply) {
    static char buffer[262144];
    ssize_t n = recv(c->fd, buffer, sizeof buffer, 0);
    uint64_t now = now_ns();
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) {
        int was_busy = c->phase != IDLE;
        client_close(run, c);
        if (was_busy) on_reply(run, c, 0, now);
        return;
    }
    struct body_context context = {run, c, now};
    size_t used = 0;
    enum reply_result result = reply_read(&c->reply, buffer, (size_t)n, &used, on_body, &context);
    if (result == REPLY_MORE) return;
    if (result == REPLY_BAD || used != (size_t)n) {
        client_close(run, c);
        on_reply(run, c, 0, now);
        return;
    }
    int ok = c->reply.status == 200;
    if (!ok) run->bad_status++;
    if (c->reply.close) client_close(run, c);
    else c->phase = IDLE;
    on_reply(run, c, ok, now);
}

void client_event(struct run *run, struct client *c, uint32_t events, reply_callback on_reply) {
    if (c->phase == GONE) return;
    if (c->phase == CONNECTING && (events & (EPOLLOUT | EPOLLERR | EPOLLHUP))) {
        int error = 0;
        socklen_t size = sizeof error;
        getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error) {
            client_close(run, c);
            on_reply(run, c, 0, now_ns());
            return;
        }
        watch(run, c, EPOLL_CTL_MOD, EPOLLIN);
        c->phase = IDLE;
        return;
    }
    if ((events & EPOLLOUT) && c->phase == SENDING) {
        if (!send_more(run, c)) {
            client_close(run, c);
            on_reply(run, c, 0, now_ns());
            return;
        }
        if (c->phase == RECEIVING) watch(run, c, EPOLL_CTL_MOD, EPOLLIN);
    }
    if (events & (EPOLLIN | EPOLLERR | EPOLLHUP)) receive(run, c, on_reply);
}
