/* A mock of the Anthropic Messages API for measuring what stands in front of it.
 *
 *   mock PORT
 *
 * One thread, epoll. Any POST gets 200 and about 1 KB of JSON with usage.
 *   ?d=MS        waits that many milliseconds first
 *   ?n=N&i=US    answers as a stream of N text events, one every US microseconds, each in its own write and
 *                stamped with CLOCK_MONOTONIC in "sent_ns"; message_start goes out with the head
 *   ?l=1         tells of the account's limits in twelve fields of a plain reply's head
 * Request bodies are read and dropped, by content-length or chunked. Connections are kept.
 */
#define _GNU_SOURCE
#include "common.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_FDS = 65536, HEAD_BOUND = 16384, READ_SIZE = 262144 };

enum body_kind { NO_BODY, LENGTH_BODY, CHUNKED_BODY };

struct connection {
    int fd, in_use, waiting; /* waiting: a reply is under way, so nothing is read */
    size_t head_length;
    char head[HEAD_BOUND + 1];
    enum body_kind body;
    uint64_t left;   /* body or chunk bytes still to come */
    int chunk_state; /* 0 size line, 1 data, 2 line end after data, 3 trailer */
    size_t chunk_line;
    char chunk_text[32];
    int in_body;
    long events, interval_us, delay_ms, tells_limits, sent;
    uint64_t due;
    int heap_index; /* -1: no timer */
    char *rest;     /* what a full socket did not take */
    size_t rest_length;
};

static struct connection *connections[MAX_FDS];
static struct connection *heap[MAX_FDS];
static int heap_count, epoll_fd;
static char plain_reply[4096], limited_reply[8192];
static size_t plain_length, limited_length;

static void heap_place(int i, struct connection *c) {
    heap[i] = c;
    c->heap_index = i;
}

static void heap_up(int i, struct connection *c) {
    for (int parent; i > 0 && heap[parent = (i - 1) / 2]->due > c->due; i = parent)
        heap_place(i, heap[parent]);
    heap_place(i, c);
}

static void heap_down(int i, struct connection *c) {
    for (;;) {
        int child = 2 * i + 1;
        if (child >= heap_count) break;
        if (child + 1 < heap_count && heap[child + 1]->due < heap[child]->due) child++;
        if (heap[child]->due >= c->due) break;
        heap_place(i, heap[child]);
        i = child;
    }
    heap_place(i, c);
}

static void timer_remove(struct connection *c) {
    int i = c->heap_index;
    if (i < 0) return;
    c->heap_index = -1;
    struct connection *last = heap[--heap_count];
    if (last == c) return;
    if (i > 0 && heap[(i - 1) / 2]->due > last->due) heap_up(i, last);
    else heap_down(i, last);
}

static void timer_set(struct connection *c, uint64_t due) {
    timer_remove(c);
    c->due = due;
    heap_up(heap_count++, c);
}

static void drop(struct connection *c) {
    timer_remove(c);
    close(c->fd);
    free(c->rest);
    connections[c->fd] = NULL;
    free(c);
}

/* Writes or keeps; returns 0 when the connection is gone. */
static int put(struct connection *c, const char *bytes, size_t count) {
    if (!c->rest_length) {
        ssize_t n = send(c->fd, bytes, count, MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN) return drop(c), 0;
        if (n < 0) n = 0;
        bytes += n;
        count -= (size_t)n;
        if (!count) return 1;
        struct epoll_event e = {.events = EPOLLIN | EPOLLOUT, .data.fd = c->fd};
        epoll_ctl(epoll_fd, EPOLL_CTL_MOD, c->fd, &e);
    }
    c->rest = realloc(c->rest, c->rest_length + count);
    if (!c->rest) die("out of memory");
    memcpy(c->rest + c->rest_length, bytes, count);
    c->rest_length += count;
    return 1;
}

static void write_rest(struct connection *c) {
    ssize_t n = send(c->fd, c->rest, c->rest_length, MSG_NOSIGNAL);
    if (n < 0) {
        if (errno != EAGAIN) drop(c);
        return;
    }
    c->rest_length -= (size_t)n;
    memmove(c->rest, c->rest + n, c->rest_length);
    if (c->rest_length) return;
    struct epoll_event e = {.events = EPOLLIN, .data.fd = c->fd};
    epoll_ctl(epoll_fd, EPOLL_CTL_MOD, c->fd, &e);
}

static const char MESSAGE_START[] =
    "event: message_start\ndata: "
    "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_01BenchBenchBenchBench00\","
    "\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-sonnet-5-5\",\"content\":[],\"stop_"
    "reason\":null,"
    "\"stop_sequence\":null,\"usage\":{\"input_tokens\":2095,\"cache_creation_input_tokens\":0,"
    "\"cache_read_input_tokens\":18944,\"output_tokens\":1,\"service_tier\":\"standard\"}}}\n\n"
    "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,"
    "\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n";
static const char STREAM_HEAD[] =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ncache-control: no-cache\r\n"
    "request-id: req_011Bench\r\ntransfer-encoding: chunked\r\n\r\n";

static size_t chunk(char *to, const char *text, size_t count) {
    int head = sprintf(to, "%zx\r\n", count);
    memcpy(to + head, text, count);
    memcpy(to + head + count, "\r\n", 2);
    return (size_t)head + count + 2;
}

/* Sends the next event of a stream, or its end. */
static void stream_step(struct connection *c) {
    char event[1024], out[4096];
    size_t length = 0;
    if (c->sent == 0) {
        memcpy(out, STREAM_HEAD, sizeof STREAM_HEAD - 1);
        length = sizeof STREAM_HEAD - 1;
        length += chunk(out + length, MESSAGE_START, sizeof MESSAGE_START - 1);
        if (!put(c, out, length)) return;
        length = 0;
    }
    c->sent++;
    int n =
        sprintf(event,
                "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{"
                "\"type\":\"text_delta\",\"text\":\"of the river \"},\"sent_ns\":%llu}\n\n",
                (unsigned long long)now_ns());
    length += chunk(out + length, event, (size_t)n);
    if (c->sent >= c->events) {
        n = sprintf(
            event,
            "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
            "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\","
            "\"stop_sequence\":null},\"usage\":{\"output_tokens\":%ld}}\n\n"
            "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
            c->events * 4);
        length += chunk(out + length, event, (size_t)n);
        memcpy(out + length, "0\r\n\r\n", 5);
        length += 5;
        if (put(c, out, length)) c->waiting = 0;
        return;
    }
    uint64_t next = c->due + (uint64_t)c->interval_us * 1000;
    if (put(c, out, length)) timer_set(c, next);
}

static void answer(struct connection *c) {
    if (c->events > 0) {
        stream_step(c);
        return;
    }
    const char *reply = c->tells_limits ? limited_reply : plain_reply;
    if (put(c, reply, c->tells_limits ? limited_length : plain_length)) c->waiting = 0;
}

static long query_number(const char *line, const char *name) {
    char key[8];
    for (int i = 0; i < 2; i++) {
        snprintf(key, sizeof key, "%c%s=", i ? '&' : '?', name);
        const char *found = strstr(line, key);
        if (found) return atol(found + strlen(key));
    }
    return 0;
}

static void request_complete(struct connection *c) {
    c->in_body = 0;
    c->head_length = 0;
    c->waiting = 1;
    c->sent = 0;
    c->due = now_ns();
    if (c->delay_ms > 0) timer_set(c, c->due + (uint64_t)c->delay_ms * 1000000);
    else answer(c);
}

/* Reads the head that ends at `end`; sets what the request asks for. */
static void head_complete(struct connection *c, char *end) {
    *end = 0;
    char *line_end = strstr(c->head, "\r\n");
    if (line_end) *line_end = 0;
    c->delay_ms = query_number(c->head, "d");
    c->events = query_number(c->head, "n");
    c->interval_us = query_number(c->head, "i");
    c->tells_limits = query_number(c->head, "l");
    c->body = NO_BODY;
    c->chunk_state = 0;
    c->chunk_line = 0;
    for (char *line = line_end ? line_end + 2 : end; line < end;) {
        char *next = strstr(line, "\r\n");
        if (next) *next = 0;
        if (!strncasecmp(line, "content-length:", 15)) {
            c->left = strtoull(line + 15, NULL, 10);
            if (c->left) c->body = LENGTH_BODY;
        } else if (!strncasecmp(line, "transfer-encoding:", 18)) {
            c->body = CHUNKED_BODY;
        }
        if (!next) break;
        line = next + 2;
    }
}

/* Takes bytes of a chunked body; returns how many, sets *done at its end. */
static size_t take_chunked(struct connection *c, const char *bytes, size_t count, int *done) {
    size_t at = 0;
    while (at < count) {
        if (c->chunk_state == 1) {
            size_t take = count - at < c->left ? count - at : (size_t)c->left;
            at += take;
            if (!(c->left -= take)) c->chunk_state = 2;
            continue;
        }
        char byte = bytes[at++];
        if (byte != '\n') {
            if (byte != '\r' && c->chunk_line < sizeof c->chunk_text - 1)
                c->chunk_text[c->chunk_line++] = byte;
            continue;
        }
        c->chunk_text[c->chunk_line] = 0;
        size_t line = c->chunk_line;
        c->chunk_line = 0;
        if (c->chunk_state == 2) c->chunk_state = 0;
        else if (c->chunk_state == 3) {
            if (!line) {
                *done = 1;
                return at;
            }
        } else {
            c->left = strtoull(c->chunk_text, NULL, 16);
            c->chunk_state = c->left ? 1 : 3;
        }
    }
    return at;
}

static void take(struct connection *c, const char *bytes, size_t count) {
    int fd = c->fd;
    while (count) {
        if (!c->in_body) {
            size_t room = HEAD_BOUND - c->head_length, part = count < room ? count : room;
            size_t before = c->head_length;
            memcpy(c->head + before, bytes, part);
            c->head_length += part;
            size_t from = before > 3 ? before - 3 : 0;
            char *end = memmem(c->head + from, c->head_length - from, "\r\n\r\n", 4);
            if (!end) {
                if (c->head_length == HEAD_BOUND) drop(c);
                return;
            }
            size_t used = (size_t)(end + 4 - c->head) - before;
            bytes += used;
            count -= used;
            head_complete(c, end);
            c->in_body = 1;
            if (c->body == NO_BODY) request_complete(c);
        } else if (c->body == LENGTH_BODY) {
            size_t part = count < c->left ? count : (size_t)c->left;
            bytes += part;
            count -= part;
            if (!(c->left -= part)) request_complete(c);
        } else {
            int done = 0;
            size_t part = take_chunked(c, bytes, count, &done);
            bytes += part;
            count -= part;
            if (done) request_complete(c);
        }
        if (connections[fd] != c) return;
    }
}

static void make_plain_reply(void) {
    char body[2048], text[700];
    for (size_t i = 0; i < sizeof text - 1; i++) text[i] = "the weir holds the river at one level; "[i % 39];
    text[sizeof text - 1] = 0;
    int n =
        snprintf(body, sizeof body,
                 "{\"id\":\"msg_01BenchBenchBenchBench00\",\"type\":\"message\",\"role\":\"assistant\","
                 "\"model\":\"claude-sonnet-5-5\",\"content\":[{\"type\":\"text\",\"text\":\"%s\"}],"
                 "\"stop_reason\":\"end_turn\",\"stop_sequence\":null,\"usage\":{\"input_tokens\":2095,"
                 "\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":18944,\"output_tokens\":503,"
                 "\"service_tier\":\"standard\"}}",
                 text);
    static const char reply[] = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
                                "request-id: req_011Bench\r\n%scontent-length: %d\r\n\r\n%s";
    char limits[2048];
    size_t at = 0;
    static const char *const kinds[] = {"requests", "tokens", "input-tokens", "output-tokens"};
    for (int i = 0; i < 4; i++)
        at += (size_t)sprintf(limits + at,
                              "anthropic-ratelimit-%s-limit: 90000000\r\n"
                              "anthropic-ratelimit-%s-remaining: 80000000\r\n"
                              "anthropic-ratelimit-%s-reset: 2099-01-01T00:00:00Z\r\n",
                              kinds[i], kinds[i], kinds[i]);
    plain_length = (size_t)snprintf(plain_reply, sizeof plain_reply, reply, "", n, body);
    limited_length = (size_t)snprintf(limited_reply, sizeof limited_reply, reply, limits, n, body);
}

static int listen_on(int port) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(fd, (struct sockaddr *)&a, sizeof a) < 0 || listen(fd, 4096) < 0) die("cannot listen");
    return fd;
}

static void accept_all(int listener) {
    for (int fd; (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0;) {
        struct connection *c = fd < MAX_FDS ? calloc(1, sizeof *c) : NULL;
        if (!c) {
            close(fd);
            continue;
        }
        c->fd = fd;
        c->heap_index = -1;
        connections[fd] = c;
        set_nodelay(fd);
        struct epoll_event e = {.events = EPOLLIN, .data.fd = fd};
        epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &e);
    }
}

int main(int argc, char **argv) {
    if (argc != 2) die("usage: mock PORT");
    signal(SIGPIPE, SIG_IGN);
    raise_file_limit();
    make_plain_reply();
    int listener = listen_on(atoi(argv[1]));
    epoll_fd = epoll_create1(0);
    struct epoll_event e = {.events = EPOLLIN, .data.fd = listener}, events[512];
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &e);
    static char buffer[READ_SIZE];
    for (;;) {
        struct timespec wait = {0, 0}, *limit = NULL;
        if (heap_count) {
            uint64_t now = now_ns(), due = heap[0]->due;
            uint64_t left = due > now ? due - now : 0;
            wait.tv_sec = (time_t)(left / 1000000000);
            wait.tv_nsec = (long)(left % 1000000000);
            limit = &wait;
        }
        int n = epoll_pwait2(epoll_fd, events, 512, limit, NULL);
        for (int i = 0; i < n; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) {
                accept_all(listener);
                continue;
            }
            struct connection *c = connections[fd];
            if (c && (events[i].events & EPOLLOUT)) write_rest(c);
            if (!(c = connections[fd]) || !(events[i].events & ~(uint32_t)EPOLLOUT)) continue;
            ssize_t got = recv(fd, buffer, sizeof buffer, 0);
            if (got > 0) take(c, buffer, (size_t)got);
            else if (got == 0 || errno != EAGAIN) drop(c);
        }
        for (uint64_t now = now_ns(); heap_count && heap[0]->due <= now;) {
            struct connection *c = heap[0];
            timer_remove(c);
            answer(c);
        }
    }
}
