import Testing

/// The whole binary: real processes, real servers, REST and command line. One shop at a time, since each keeps a
/// machine busy.
@Suite(.serialized) enum SystemTests {}
