#pragma once
#include <string.h>
#include <zlib.h>

// zlib's stream stays here: others import zlib.h as well, and Swift takes its types for theirs.

/// The largest window, and 16 for gzip's header and trailer (RFC 1952).
static const int czlib_gzip_window = 15 + 16;

/// Writes the gzip form of `length` bytes. Returns its length; 0 if it is longer than `room`.
static inline unsigned long czlib_gzip(
    int level, const unsigned char *input, unsigned int length, unsigned char *output, unsigned int room) {
    z_stream stream;
    memset(&stream, 0, sizeof stream);
    if (deflateInit2(&stream, level, Z_DEFLATED, czlib_gzip_window, 8, Z_DEFAULT_STRATEGY) != Z_OK) return 0;
    stream.next_in = (unsigned char *)input;
    stream.avail_in = length;
    stream.next_out = output;
    stream.avail_out = room;
    unsigned long written = deflate(&stream, Z_FINISH) == Z_STREAM_END ? stream.total_out : 0;
    deflateEnd(&stream);
    return written;
}

/// Writes the bytes behind a gzip form. Returns their number; 0 if it is none, or they are more than `room`.
static inline unsigned long czlib_gunzip(
    const unsigned char *input, unsigned int length, unsigned char *output, unsigned int room) {
    z_stream stream;
    memset(&stream, 0, sizeof stream);
    if (inflateInit2(&stream, czlib_gzip_window) != Z_OK) return 0;
    stream.next_in = (unsigned char *)input;
    stream.avail_in = length;
    stream.next_out = output;
    stream.avail_out = room;
    int status = inflate(&stream, Z_FINISH);
    unsigned long written = status == Z_STREAM_END && stream.avail_in == 0 ? stream.total_out : 0;
    inflateEnd(&stream);
    return written;
}
