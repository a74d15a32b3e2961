//! What the views of the log have in common that look like other programs' servers of lines and traces: who may read, and
//! what is asked. Uses use cases.

mod access;
mod parameters;
mod view;

pub use self::{
    access::{OpenOnLoopback, is_of_this_machine, reader_of},
    parameters::{Parameters, wrong},
    view::View,
};
