# Runs moto's S3 until standard input ends, and answers questions about what it holds.
import json
import logging
import os
import sys

import boto3
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from moto import settings
from moto.server import ThreadedMotoServer

logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
url = f"http://{host}:{port}"


def client(service, key="setup", secret="setup"):
    return boto3.client(
        service,
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
    )


iam = client("iam")
iam.create_user(UserName="event-manager")
everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
iam.put_user_policy(UserName="event-manager", PolicyName="all", PolicyDocument=json.dumps(everything))
key = iam.create_access_key(UserName="event-manager")["AccessKey"]
if sys.argv[1] == "checked":
    # From here on a request without the right signature is refused.
    settings.INITIAL_NO_AUTH_ACTION_COUNT = 0
s3 = client("s3", key["AccessKeyId"], key["SecretAccessKey"])

rsa_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
pem = rsa_key.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
)


def decoded(part):
    import base64

    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def answer(ask):
    match ask["do"]:
        case "bucket":
            s3.create_bucket(Bucket=ask["bucket"])
            return None
        case "metadata":
            return s3.head_object(Bucket=ask["bucket"], Key=ask["key"])["Metadata"]
        case "keys":
            return [found["Key"] for found in s3.list_objects_v2(Bucket=ask["bucket"]).get("Contents", [])]
        case "uploads":
            found = s3.list_multipart_uploads(Bucket=ask["bucket"]).get("Uploads", [])
            return [upload["Key"] for upload in found]
        case "damage":
            # Same size, same metadata, another first byte.
            there = s3.get_object(Bucket=ask["bucket"], Key=ask["key"])
            body = bytearray(there["Body"].read())
            body[0] ^= 1
            s3.put_object(
                Bucket=ask["bucket"], Key=ask["key"], Body=bytes(body), Metadata=there["Metadata"]
            )
            return None
        case "claims":
            signed, _, signature = ask["token"].rpartition(".")
            rsa_key.public_key().verify(
                decoded(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256()
            )
            return json.loads(decoded(signed.partition(".")[2]))


def say(value):
    print(json.dumps(value), flush=True)


say(
    {
        "url": url,
        "access_key": key["AccessKeyId"],
        "secret_key": key["SecretAccessKey"],
        "private_key": pem.decode(),
    }
)
for line in sys.stdin:
    say(answer(json.loads(line)))
os._exit(0)
