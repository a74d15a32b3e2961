//! A bare actix-web server that answers everything with the same bytes: what a read could cost at least.

use std::{net::TcpListener, sync::mpsc, thread};

use actix_web::{App, HttpResponse, HttpServer, dev::ServerHandle, web};

pub struct Bare {
    pub address: String,
    handle: ServerHandle,
}

impl Bare {
    pub fn start(body: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let body = web::Bytes::from(body);
                let app = move || {
                    let body = body.clone();
                    App::new().default_service(web::to(move || {
                        let body = body.clone();
                        async move { HttpResponse::Ok().content_type("application/json").body(body) }
                    }))
                };
                let workers = thread::available_parallelism().unwrap().get();
                let server =
                    HttpServer::new(app).workers(workers).disable_signals().listen(listener).unwrap().run();
                sender.send(server.handle()).unwrap();
                server.await.unwrap();
            });
        });
        Self { address, handle: receiver.recv().unwrap() }
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        // Resolves when the server is gone; nothing waits for that here.
        drop(self.handle.stop(false));
    }
}
