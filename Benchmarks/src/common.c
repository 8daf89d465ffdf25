#define _GNU_SOURCE
#include "common.h"
#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

_Noreturn void die(const char *message) {
    fprintf(stderr, "%s: %s\n", program_invocation_short_name, message);
    exit(1);
}

int set_nonblocking(int fd) { return fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); }

void set_nodelay(int fd) {
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

int connect_local(int port) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    set_nodelay(fd);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, (struct sockaddr *)&a, sizeof a) < 0 && errno != EINPROGRESS) {
        close(fd);
        return -1;
    }
    return fd;
}

void raise_file_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

void samples_add(struct samples *s, uint64_t value) {
    if (s->count == s->capacity) {
        s->capacity = s->capacity ? s->capacity * 2 : 1 << 16;
        s->values = realloc(s->values, s->capacity * sizeof *s->values);
        if (!s->values) die("out of memory");
    }
    s->values[s->count++] = value;
}

static int ascending(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

double samples_percentile_us(struct samples *s, double p) {
    if (s->count == 0) return -1;
    qsort(s->values, s->count, sizeof *s->values, ascending);
    size_t index = (size_t)(p / 100.0 * (double)(s->count - 1) + 0.5);
    return (double)s->values[index] / 1000.0;
}

uint64_t cpu_ns(int pid) {
    if (pid <= 0) return 0;
    char path[320];
    snprintf(path, sizeof path, "/proc/%d/task", pid);
    DIR *tasks = opendir(path);
    if (!tasks) return 0;
    uint64_t sum = 0;
    for (struct dirent *e; (e = readdir(tasks));) {
        if (!isdigit((unsigned char)e->d_name[0])) continue;
        snprintf(path, sizeof path, "/proc/%d/task/%s/schedstat", pid, e->d_name);
        FILE *f = fopen(path, "r");
        if (!f) continue;
        unsigned long long on_cpu = 0;
        if (fscanf(f, "%llu", &on_cpu) == 1) sum += on_cpu;
        fclose(f);
    }
    closedir(tasks);
    return sum;
}

long rss_kb(int pid) {
    if (pid <= 0) return 0;
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *f = fopen(path, "r");
    if (!f) return 0;
    long kb = 0;
    while (fgets(line, sizeof line, f))
        if (sscanf(line, "VmRSS: %ld", &kb) == 1) break;
    fclose(f);
    return kb;
}

enum { STATUS_LINE, HEAD_LINE, FIXED_BODY, CHUNK_SIZE, CHUNK_BODY, CHUNK_END, TRAILER };

void reply_reset(struct reply *r) { memset(r, 0, offsetof(struct reply, line)); }

/* Acts on one complete line; returns REPLY_MORE to go on. */
static enum reply_result take_line(struct reply *r) {
    char *line = r->line;
    switch (r->state) {
    case STATUS_LINE:
        if (sscanf(line, "HTTP/1.%*d %d", &r->status) != 1) return REPLY_BAD;
        r->state = HEAD_LINE;
        return REPLY_MORE;
    case HEAD_LINE:
        if (!strncasecmp(line, "content-length:", 15)) {
            r->has_length = 1;
            r->left = strtoull(line + 15, NULL, 10);
        } else if (!strncasecmp(line, "transfer-encoding:", 18) && strcasestr(line, "chunked")) {
            r->chunked = 1;
        } else if (!strncasecmp(line, "connection:", 11) && strcasestr(line, "close")) {
            r->close = 1;
        } else if (!*line) {
            if (r->status >= 100 && r->status < 200) {
                r->state = STATUS_LINE;
                return REPLY_MORE;
            }
            if (r->chunked) {
                r->state = CHUNK_SIZE;
                return REPLY_MORE;
            }
            if (!r->has_length) return r->status == 204 || r->status == 304 ? REPLY_DONE : REPLY_BAD;
            if (r->left == 0) return REPLY_DONE;
            r->state = FIXED_BODY;
        }
        return REPLY_MORE;
    case CHUNK_SIZE: {
        char *end;
        r->left = strtoull(line, &end, 16);
        if (end == line) return REPLY_BAD;
        r->state = r->left ? CHUNK_BODY : TRAILER;
        return REPLY_MORE;
    }
    case CHUNK_END:
        if (*line) return REPLY_BAD;
        r->state = CHUNK_SIZE;
        return REPLY_MORE;
    default: return *line ? REPLY_MORE : REPLY_DONE;
    }
}

enum reply_result reply_read(struct reply *r, const char *bytes, size_t count, size_t *used,
                             body_callback on_body, void *context) {
    size_t at = 0;
    while (at < count) {
        if (r->state == FIXED_BODY || r->state == CHUNK_BODY) {
            size_t take = count - at < r->left ? count - at : (size_t)r->left;
            if (on_body) on_body(context, bytes + at, take);
            at += take;
            r->left -= take;
            r->body_bytes += take;
            if (r->left) continue;
            if (r->state == FIXED_BODY) {
                *used = at;
                return REPLY_DONE;
            }
            r->state = CHUNK_END;
            continue;
        }
        const char *newline = memchr(bytes + at, '\n', count - at);
        size_t take = newline ? (size_t)(newline - (bytes + at)) + 1 : count - at;
        if (r->line_length + take >= sizeof r->line) return REPLY_BAD;
        memcpy(r->line + r->line_length, bytes + at, take);
        r->line_length += take;
        at += take;
        if (!newline) break;
        r->line_length--;
        if (r->line_length && r->line[r->line_length - 1] == '\r') r->line_length--;
        r->line[r->line_length] = 0;
        r->line_length = 0;
        enum reply_result result = take_line(r);
        if (result != REPLY_MORE) {
            *used = at;
            return result;
        }
    }
    *used = at;
    return REPLY_MORE;
}

char *read_file(const char *path, size_t *count) {
    FILE *f = fopen(path, "rb");
    if (!f) die("cannot read the body file");
    fseek(f, 0, SEEK_END);
    long size = ftell(f);
    rewind(f);
    char *bytes = malloc((size_t)size + 1);
    if (!bytes || fread(bytes, 1, (size_t)size, f) != (size_t)size) die("cannot read the body file");
    fclose(f);
    bytes[size] = 0;
    *count = (size_t)size;
    return bytes;
}
