// Runs azurite's blob service until standard input ends, and makes containers.
const crypto = require("node:crypto");
const http = require("node:http");
const path = require("node:path");
const readline = require("node:readline");

const account = "devstoreaccount1";
// The key that everybody knows, which azurite has unless told otherwise.
const key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
const say = (value) => process.stdout.write(JSON.stringify(value) + "\n");

// Signed as everybody has to.
function createContainer(address, container, done) {
  const date = new Date().toUTCString();
  const version = "2021-08-06";
  const signed = [
    "PUT", "", "", "", "", "", "", "", "", "", "", "",
    `x-ms-date:${date}`,
    `x-ms-version:${version}`,
    `/${account}/${account}/${container}`,
    "restype:container",
  ].join("\n");
  const signature = crypto.createHmac("sha256", Buffer.from(key, "base64")).update(signed).digest("base64");
  const headers = {
    authorization: `SharedKey ${account}:${signature}`,
    "content-length": 0,
    "x-ms-date": date,
    "x-ms-version": version,
  };
  const url = `${address}/${account}/${container}?restype=container`;
  http.request(url, { method: "PUT", headers }, (answer) => {
    answer.resume();
    answer.on("end", () => done(answer.statusCode));
  }).end();
}

// What it prints is not for people here; one line of it tells the port.
console.log = (line) => {
  const found = /successfully listens on (\S+)$/.exec(line);
  if (!found) return;
  say({ url: `${found[1]}/${account}`, account, access_key: key });
  readline
    .createInterface({ input: process.stdin })
    .on("line", (line) => createContainer(found[1], JSON.parse(line).bucket, say))
    .on("close", () => process.exit(0));
};
process.argv = [
  process.argv[0],
  "azurite-blob",
  ...["--blobHost", "127.0.0.1", "--blobPort", "0"],
  ...["--inMemoryPersistence", "--disableTelemetry", "--skipApiVersionCheck", "--silent"],
];
require(path.join(process.cwd(), "node_modules/azurite/dist/src/blob/main.js"));
