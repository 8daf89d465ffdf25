/* Load generator for Weir's benchmark; prints one JSON object.
 *
 *   load closed PORT PATH HEADERS BODY CONNECTIONS SECONDS PID
 *       every connection sends as fast as it is answered
 *   load rate   PORT PATH HEADERS BODY CONNECTIONS SECONDS PID RATE
 *       RATE requests/s on a fixed schedule; latency counts from the scheduled time
 *   load stream PORT PATH HEADERS BODY STREAMS SECONDS PID RAMP
 *       opens STREAMS streams within RAMP ms and reads them all; SECONDS is the longest it waits
 *   load cold   PORT PATH HEADERS BODY -- COMMAND...
 *       starts COMMAND, stops at its first 200
 *
 * Where BODY has "serial 0000000000", each request has another number there, none twice within two hours.
 * HEADERS and BODY are files; PID is the process whose CPU time and memory are read (0 for none).
 * One second of warm-up comes before SECONDS in closed and rate.
 */
#define _GNU_SOURCE
#include "load.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void make_request(struct run *run, const char *path, const char *headers_file, const char *body_file) {
    size_t headers_length, body_length;
    char *headers = read_file(headers_file, &headers_length), *body = read_file(body_file, &body_length);
    run->request = malloc(headers_length + body_length + strlen(path) + 256);
    if (!run->request) die("out of memory");
    int head =
        sprintf(run->request, "POST %s HTTP/1.1\r\nhost: 127.0.0.1:%d\r\ncontent-length: %zu\r\n%s\r\n", path,
                run->port, body_length, headers);
    memcpy(run->request + head, body, body_length);
    run->request_length = (size_t)head + body_length;
    static const char mark[] = "serial 0000000000";
    char *found = memmem(run->request, run->request_length, mark, sizeof mark - 1);
    run->serial = found ? found + sizeof mark - 1 - SERIAL_DIGITS : NULL;
    run->serial_next = now_ns() / 1000 % 10000000000ull;
    free(headers);
    free(body);
}

static void open_clients(struct run *run) {
    run->epoll = epoll_create1(0);
    run->clients = calloc((size_t)run->connections, sizeof *run->clients);
    if (!run->clients) die("out of memory");
}

/* Waits until every client has connected or failed. */
static void wait_connected(struct run *run) {
    struct epoll_event events[256];
    for (uint64_t limit = now_ns() + 5000000000ull; now_ns() < limit;) {
        int connecting = 0;
        for (int i = 0; i < run->connections; i++) connecting += run->clients[i].phase == CONNECTING;
        if (!connecting) return;
        int n = epoll_wait(run->epoll, events, 256, 100);
        for (int i = 0; i < n; i++) {
            struct client *c = events[i].data.ptr;
            if (c->phase == CONNECTING) client_event(run, c, events[i].events, NULL);
        }
    }
    die("could not connect");
}

static void print_result(struct run *run, const char *mode) {
    double seconds = (double)(run->measure_to - run->measure_from) / 1e9;
    double cpu = (double)(run->cpu_to - run->cpu_from);
    printf(
        "{\"mode\":\"%s\",\"requests\":%llu,\"total\":%llu,\"errors\":%llu,\"bad_status\":%llu,\"per_"
        "second\":%.1f,"
        "\"cpu_us_per_request\":%.2f,\"core_percent\":%.1f,\"p50_us\":%.1f,\"p99_us\":%.1f,\"rss_kb\":%ld}\n",
        mode, (unsigned long long)run->done, (unsigned long long)run->total, (unsigned long long)run->errors,
        (unsigned long long)run->bad_status, (double)run->done / seconds,
        run->done && run->pid ? cpu / 1000.0 / (double)run->done : -1, run->pid ? cpu / 1e7 / seconds : -1,
        samples_percentile_us(&run->latency, 50), samples_percentile_us(&run->latency, 99), rss_kb(run->pid));
}

static void begin(struct run *run) {
    run->measure_from = now_ns() + (uint64_t)(run->warm_seconds * 1e9);
    run->measure_to = run->measure_from + (uint64_t)(run->seconds * 1e9);
}

static void closed_reply(struct run *run, struct client *c, int ok, uint64_t now) {
    if (ok) run->total++;
    if (!ok) run->errors++;
    else if (is_measuring(run, now)) {
        run->done++;
        samples_add(&run->latency, now - c->scheduled);
    }
    if (c->phase == GONE) client_open(run, c);
    else if (now < run->measure_to) client_start(run, c, now);
}

int run_closed(struct run *run) {
    struct epoll_event events[256];
    open_clients(run);
    for (int i = 0; i < run->connections; i++) client_open(run, &run->clients[i]);
    wait_connected(run);
    begin(run);
    for (int i = 0; i < run->connections; i++) client_start(run, &run->clients[i], now_ns());
    int started = 0;
    for (uint64_t now; (now = now_ns()) < run->measure_to && run->errors < 1000;) {
        if (!started && now >= run->measure_from) {
            started = 1;
            run->cpu_from = cpu_ns(run->pid);
            run->measure_from = now;
        }
        int n = epoll_wait(run->epoll, events, 256, 20);
        for (int i = 0; i < n; i++) {
            struct client *c = events[i].data.ptr;
            int was_connecting = c->phase == CONNECTING;
            client_event(run, c, events[i].events, closed_reply);
            if (was_connecting && c->phase == IDLE) client_start(run, c, now_ns());
        }
    }
    run->cpu_to = cpu_ns(run->pid);
    run->measure_to = now_ns();
    print_result(run, "closed");
    return run->errors || !run->done;
}

static struct client *idle_clients;
static void push_idle(struct client *c) {
    c->next_idle = idle_clients;
    idle_clients = c;
}

static void rate_reply(struct run *run, struct client *c, int ok, uint64_t now) {
    if (ok) run->total++;
    if (!ok) run->errors++;
    else if (is_measuring(run, c->scheduled)) {
        run->done++;
        samples_add(&run->latency, now - c->scheduled);
    }
    if (c->phase == GONE) client_open(run, c);
    else push_idle(c);
}

int run_rate(struct run *run) {
    struct epoll_event events[256];
    open_clients(run);
    for (int i = 0; i < run->connections; i++) client_open(run, &run->clients[i]);
    wait_connected(run);
    for (int i = 0; i < run->connections; i++) push_idle(&run->clients[i]);
    begin(run);
    uint64_t start = now_ns(), step = (uint64_t)(1e9 / run->rate), next = start;
    int started = 0;
    for (uint64_t now; (now = now_ns()) < run->measure_to + 1000000000ull && run->errors < 1000;) {
        if (!started && now >= run->measure_from) {
            started = 1;
            run->cpu_from = cpu_ns(run->pid);
        }
        if (now >= run->measure_to) {
            if (!run->cpu_to) run->cpu_to = cpu_ns(run->pid);
            int busy = 0;
            for (int i = 0; i < run->connections; i++)
                busy += run->clients[i].phase >= SENDING && run->clients[i].fd >= 0;
            if (!busy) break;
        }
        while (next <= now && next < run->measure_to && idle_clients) {
            struct client *c = idle_clients;
            idle_clients = c->next_idle;
            if (c->phase == GONE) {
                client_open(run, c);
                continue;
            }
            client_start(run, c, next);
            next += step;
        }
        uint64_t until = next > now && next < run->measure_to ? next - now : 1000000;
        struct timespec wait = {0, (long)(until < 20000000 ? until : 20000000)};
        int n = epoll_pwait2(run->epoll, events, 256, &wait, NULL);
        for (int i = 0; i < n; i++) {
            struct client *c = events[i].data.ptr;
            int was_connecting = c->phase == CONNECTING;
            client_event(run, c, events[i].events, rate_reply);
            if (was_connecting && c->phase == IDLE) push_idle(c);
        }
    }
    if (!run->cpu_to) run->cpu_to = cpu_ns(run->pid);
    print_result(run, "rate");
    return run->errors || !run->done;
}

static int streams_ended;

static void stream_reply(struct run *run, struct client *c, int ok, uint64_t now) {
    (void)now;
    if (!ok) run->errors++;
    else run->done++;
    if (c->first_byte) samples_add(&run->first_byte, c->first_byte - c->scheduled);
    streams_ended++;
}

int run_stream(struct run *run, int ramp_ms) {
    struct epoll_event events[512];
    open_clients(run);
    long rss_before = rss_kb(run->pid), rss_open = 0;
    uint64_t begin_at = now_ns(), cpu_begin = cpu_ns(run->pid),
             limit = begin_at + (uint64_t)(run->seconds * 1e9);
    uint64_t all_open_at = 0, cpu_all_open = 0, first_end_at = 0, cpu_first_end = 0, events_at_open = 0,
             events_at_end = 0;
    run->measure_from = 0;
    run->measure_to = UINT64_MAX;
    int opened = 0;
    while (streams_ended < run->connections && now_ns() < limit) {
        uint64_t now = now_ns();
        int due =
            ramp_ms ? (int)((now - begin_at) * (uint64_t)run->connections / ((uint64_t)ramp_ms * 1000000)) + 1
                    : run->connections;
        for (; opened < run->connections && opened < due; opened++) client_open(run, &run->clients[opened]);
        if (!all_open_at && opened == run->connections) {
            int open_now = 0;
            for (int i = 0; i < opened; i++) open_now += run->clients[i].first_byte != 0;
            if (open_now == run->connections) {
                all_open_at = now;
                cpu_all_open = cpu_ns(run->pid);
                events_at_open = run->event_delay.count;
            }
        }
        if (all_open_at && !streams_ended) {
            first_end_at = now;
            cpu_first_end = cpu_ns(run->pid);
            events_at_end = run->event_delay.count;
            long rss = rss_kb(run->pid);
            if (rss > rss_open) rss_open = rss;
        }
        int n = epoll_wait(run->epoll, events, 512, opened < run->connections ? 1 : 5);
        for (int i = 0; i < n; i++) {
            struct client *c = events[i].data.ptr;
            int was_connecting = c->phase == CONNECTING;
            client_event(run, c, events[i].events, stream_reply);
            if (was_connecting && c->phase == IDLE) client_start(run, c, now_ns());
        }
    }
    double steady = first_end_at > all_open_at ? (double)(first_end_at - all_open_at) : 0;
    double cpu_all = (double)(cpu_ns(run->pid) - cpu_begin);
    printf("{\"mode\":\"stream\",\"streams\":%d,\"ended\":%llu,\"errors\":%llu,\"events\":%zu,"
           "\"ttfb_p50_us\":%.1f,\"ttfb_p99_us\":%.1f,\"event_p50_us\":%.1f,\"event_p99_us\":%.1f,"
           "\"cpu_us_per_event\":%.2f,\"steady_seconds\":%.2f,\"steady_core_percent\":%.1f,"
           "\"steady_events_per_second\":%.0f,\"rss_before_kb\":%ld,\"rss_open_kb\":%ld}\n",
           run->connections, (unsigned long long)run->done, (unsigned long long)run->errors,
           run->event_delay.count, samples_percentile_us(&run->first_byte, 50),
           samples_percentile_us(&run->first_byte, 99), samples_percentile_us(&run->event_delay, 50),
           samples_percentile_us(&run->event_delay, 99),
           run->event_delay.count && run->pid ? cpu_all / 1000.0 / (double)run->event_delay.count : -1,
           steady / 1e9,
           steady > 0 && run->pid ? (double)(cpu_first_end - cpu_all_open) * 100.0 / steady : -1,
           steady > 0 ? (double)(events_at_end - events_at_open) * 1e9 / steady : -1, rss_before, rss_open);
    return run->errors || (int)run->done != run->connections;
}

/* Starts a command and polls until the request is answered 200; prints milliseconds since the fork. */
static int run_cold(struct run *run, char **command) {
    uint64_t start = now_ns(), limit = start + 20000000000ull;
    pid_t child = fork();
    if (child == 0) {
        int nowhere = open("/dev/null", O_WRONLY);
        dup2(nowhere, 1);
        dup2(nowhere, 2);
        execvp(command[0], command);
        _exit(127);
    }
    double milliseconds = -1;
    while (milliseconds < 0 && now_ns() < limit) {
        struct timespec pause = {0, 200000};
        int fd = connect_local(run->port);
        uint64_t patience = now_ns() + 2000000000ull;
        struct reply reply;
        reply_reset(&reply);
        for (size_t sent = 0; fd >= 0 && now_ns() < patience;) {
            char buffer[65536];
            if (sent < run->request_length) {
                ssize_t n = send(fd, run->request + sent, run->request_length - sent, MSG_NOSIGNAL);
                if (n > 0) sent += (size_t)n;
                else if (errno != EAGAIN && errno != ENOTCONN && errno != EINPROGRESS) break;
            }
            ssize_t n = recv(fd, buffer, sizeof buffer, 0);
            size_t used;
            if (n > 0) {
                if (reply_read(&reply, buffer, (size_t)n, &used, NULL, NULL) == REPLY_MORE) continue;
                if (reply.status == 200) milliseconds = (double)(now_ns() - start) / 1e6;
                break;
            }
            if (n == 0 || (errno != EAGAIN && errno != ENOTCONN)) break;
        }
        if (fd >= 0) close(fd);
        if (milliseconds < 0) nanosleep(&pause, NULL);
        if (waitpid(child, NULL, WNOHANG) == child) die("the command ended before it answered");
    }
    long rss = rss_kb(child);
    kill(child, SIGTERM);
    for (int i = 0; i < 500 && waitpid(child, NULL, WNOHANG) == 0; i++) usleep(10000);
    kill(child, SIGKILL);
    printf("{\"mode\":\"cold\",\"milliseconds\":%.2f,\"rss_kb\":%ld}\n", milliseconds, rss);
    return milliseconds < 0;
}

int main(int argc, char **argv) {
    if (argc < 8) die("usage: load closed|rate|stream|cold PORT PATH HEADERS BODY ...; see the source");
    signal(SIGPIPE, SIG_IGN);
    raise_file_limit();
    struct run run = {.port = atoi(argv[2]), .warm_seconds = 1};
    make_request(&run, argv[3], argv[4], argv[5]);
    if (!strcmp(argv[1], "cold")) return run_cold(&run, argv + 7);
    if (argc < 9) die("too few arguments");
    run.connections = atoi(argv[6]);
    run.seconds = atof(argv[7]);
    run.pid = atoi(argv[8]);
    if (run.connections < 1) die("at least one connection");
    if (!strcmp(argv[1], "closed")) return run_closed(&run);
    if (argc < 10) die("too few arguments");
    if (!strcmp(argv[1], "stream")) return run_stream(&run, atoi(argv[9]));
    run.rate = atof(argv[9]);
    if (!strcmp(argv[1], "rate") && run.rate > 0) return run_rate(&run);
    die("unknown mode");
}
