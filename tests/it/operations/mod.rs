//! The operation of the box: start, stop, command line, files, crashes.
