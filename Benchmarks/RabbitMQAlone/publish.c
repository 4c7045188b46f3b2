/* Publishes persistent messages of 300 bytes to the queue `bench` by librabbitmq in one tight loop, at most WINDOW of
 * them unconfirmed, and prints how many were confirmed in a second: `rabbitmq-alone WINDOW SECONDS`. The broker is that
 * of AMQP_URL. Without SECONDS it declares the queue instead: a quorum queue that keeps the newest 1,000 messages. */
#include <amqp.h>
#include <amqp_tcp_socket.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void check(amqp_rpc_reply_t reply, const char *step) {
    if (reply.reply_type == AMQP_RESPONSE_NORMAL) return;
    fprintf(stderr, "rabbitmq-alone: %s failed\n", step);
    exit(69);
}

static amqp_connection_state_t open_connection(void) {
    const char *variable = getenv("AMQP_URL");
    char *url = strdup(variable ? variable : "");
    struct amqp_connection_info info;
    if (amqp_parse_url(url, &info) != AMQP_STATUS_OK) {
        fprintf(stderr, "rabbitmq-alone: AMQP_URL is no URL of a broker\n");
        exit(64);
    }
    amqp_connection_state_t connection = amqp_new_connection();
    amqp_socket_t *socket = amqp_tcp_socket_new(connection);
    if (!socket || amqp_socket_open(socket, info.host, info.port)) {
        fprintf(stderr, "rabbitmq-alone: cannot connect\n");
        exit(69);
    }
    const char *host = *info.vhost ? info.vhost : "/";
    check(amqp_login(connection, host, 0, 131072, 0, AMQP_SASL_METHOD_PLAIN, info.user, info.password), "the login");
    amqp_channel_open(connection, 1);
    check(amqp_get_rpc_reply(connection), "opening a channel");
    return connection;
}

static void declare_queue(amqp_connection_state_t connection) {
    amqp_table_entry_t entries[2] = {
        {.key = amqp_cstring_bytes("x-queue-type"),
         .value = {.kind = AMQP_FIELD_KIND_UTF8, .value.bytes = amqp_cstring_bytes("quorum")}},
        {.key = amqp_cstring_bytes("x-max-length"), .value = {.kind = AMQP_FIELD_KIND_I64, .value.i64 = 1000}},
    };
    amqp_queue_declare(connection, 1, amqp_cstring_bytes("bench"), 0, 1, 0, 0, (amqp_table_t){2, entries});
    check(amqp_get_rpc_reply(connection), "declaring the queue");
}

/* Waits for a confirm; returns the highest tag that is confirmed then. Tags of one queue are confirmed in order. */
static uint64_t await_confirm(amqp_connection_state_t connection, uint64_t confirmed) {
    amqp_frame_t frame;
    if (amqp_simple_wait_frame(connection, &frame) != AMQP_STATUS_OK) {
        fprintf(stderr, "rabbitmq-alone: the connection broke\n");
        exit(69);
    }
    if (frame.frame_type != AMQP_FRAME_METHOD || frame.payload.method.id != AMQP_BASIC_ACK_METHOD) return confirmed;
    amqp_basic_ack_t *ack = frame.payload.method.decoded;
    return ack->delivery_tag > confirmed ? ack->delivery_tag : confirmed;
}

int main(int count, char **arguments) {
    uint64_t window = count > 1 ? strtoull(arguments[1], NULL, 10) : 0;
    double seconds = count > 2 ? strtod(arguments[2], NULL) : 0;
    amqp_connection_state_t connection = open_connection();
    if (seconds <= 0) {
        declare_queue(connection);
        return 0;
    }
    amqp_confirm_select(connection, 1);
    check(amqp_get_rpc_reply(connection), "confirm.select");

    static char body[300];
    memset(body, 'x', sizeof body);
    amqp_bytes_t content = {.len = sizeof body, .bytes = body};
    amqp_basic_properties_t properties = {._flags = AMQP_BASIC_DELIVERY_MODE_FLAG, .delivery_mode = 2};
    uint64_t sent = 0, confirmed = 0, before = 0;
    /* A second unmeasured first. */
    double begin = now() + 1, end = begin + seconds;
    for (double time = now(); time < end; time = now()) {
        if (time < begin) before = confirmed;
        while (sent - confirmed < window) {
            amqp_basic_publish(connection, 1, amqp_cstring_bytes(""), amqp_cstring_bytes("bench"), 1, 0, &properties, content);
            sent++;
        }
        confirmed = await_confirm(connection, confirmed);
        amqp_maybe_release_buffers(connection);
    }
    printf("%.0f\n", (double)(confirmed - before) / seconds);
    return 0;
}
