"""The other side: verifies our tokens with `cwt`, reads our codes with zxing-cpp, issues tokens of its own."""

import base64
import hashlib
import json
import pathlib
import sys
import zlib

import cbor2
import cwt
import zxingcpp
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from PIL import Image

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
PASS = -65537


def b45decode(text):
    out = bytearray()
    for i in range(0, len(text), 3):
        group = [ALPHABET.index(c) for c in text[i : i + 3]]
        number = sum(digit * 45**place for place, digit in enumerate(group))
        out += number.to_bytes(len(group) - 1, "big")
    return bytes(out)


def b45encode(data):
    out = ""
    for i in range(0, len(data), 2):
        pair = data[i : i + 2]
        number = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            number, digit = divmod(number, 45)
            out += ALPHABET[digit]
    return out


def pem(public):
    return public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def spki(public):
    return public.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def read_ours(folder):
    """Each of our tokens verifies with `cwt`, and says what we say it says; each picture reads back."""
    count = 0
    for ours in json.loads((folder / "ours.json").read_text()):
        key = serialization.load_der_public_key(base64.b64decode(ours["spki"]))
        prefix, body = ours["token"][:4], ours["token"][4:]
        message = b45decode(body)
        if prefix == "HC1:":
            message = zlib.decompress(message)
        kid = bytes.fromhex(ours["kid"])
        cose_key = cwt.COSEKey.from_pem(pem(key), kid=kid, alg="ES256")
        coder = cwt.COSE.new(alg_auto_inclusion=False, kid_auto_inclusion=False)
        claims = cbor2.loads(coder.decode(message, cose_key))
        if prefix == "GF1:":
            assert claims[1] == "VN-50" and claims[PASS][2] == ours["name"], claims
            assert claims[4] == ours["expires"] and len(claims[7]) == 12, claims
        else:
            assert claims[-260][1]["t"][0]["co"] == "VN", claims
        picture = Image.open(folder / ours["png"]).convert("L")
        found = [r.text for r in zxingcpp.read_barcodes(picture)]
        assert found == [ours["token"]], (ours["png"], found)
        for how, spoilt in spoil(picture, 0.06 if prefix == "GF1:" else 0.03):
            found = [r.text for r in zxingcpp.read_barcodes(spoilt)]
            assert found == [ours["token"]], (ours["png"], how, found)
        count += 1
    print(f"theirs read {count} of ours, tokens and pictures")


def spoil(picture, askew):
    """As a phone sees paper; an EU certificate has smaller modules and stands less."""
    from PIL import ImageFilter

    yield "blurred", picture.filter(ImageFilter.GaussianBlur(2))
    yield "rotated", picture.rotate(13, expand=True, fillcolor=255, resample=Image.Resampling.BILINEAR)
    yield "faded", picture.point(lambda v: 110 + v * 60 // 255)
    width, height = picture.size
    corners = (0, 0, width * askew, height, width * (1 - askew), height, width, 0)
    yield "in perspective", picture.transform(
        picture.size, Image.Transform.QUAD, corners, resample=Image.Resampling.BILINEAR, fillcolor=255
    )


def issue(folder):
    """Tokens made by `cwt`, for us to verify."""
    now = json.loads((folder / "clock.json").read_text())["now"]
    out = []
    private = ec.generate_private_key(ec.SECP256R1())
    public = spki(private.public_key())
    kid = hashlib.sha256(public).digest()[:8]
    key = cwt.COSEKey.from_pem(
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        kid=kid,
        alg="ES256",
    )
    claims = {
        1: "VN-50",
        4: now + 86400,
        6: now - 3600,
        7: bytes(range(1, 13)),
        PASS: {2: "NTMK 1985", 3: 0, 4: 1, 5: 120, 6: 1, 7: ["83", 1], 8: bytes(range(12))},
    }
    coder = cwt.COSE.new()
    message = coder.encode(cbor2.dumps(claims), key, protected={1: -7, 4: kid}, unprotected={})
    out.append({"token": "GF1:" + b45encode(message), "spki": base64.b64encode(public).decode()})

    certificate = json.loads((folder / "certificate.json").read_text())
    hcert = {1: "VN", 4: now + 86400, 6: now - 3600, -260: {1: certificate}}
    message = coder.encode(cbor2.dumps(hcert), key, protected={1: -7, 4: kid}, unprotected={})
    out.append(
        {
            "token": "HC1:" + b45encode(zlib.compress(message, 9)),
            "spki": base64.b64encode(public).decode(),
        }
    )
    private = rsa.generate_private_key(65537, 2048)
    public = spki(private.public_key())
    kid = hashlib.sha256(public).digest()[:8]
    key = cwt.COSEKey.from_pem(
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        kid=kid,
        alg="PS256",
    )
    message = coder.encode(cbor2.dumps(hcert), key, protected={1: -37, 4: kid}, unprotected={})
    out.append(
        {
            "token": "HC1:" + b45encode(zlib.compress(message, 9)),
            "spki": base64.b64encode(public).decode(),
        }
    )
    (folder / "theirs.json").write_text(json.dumps(out))
    print(f"theirs issued {len(out)}")


if __name__ == "__main__":
    work = pathlib.Path(sys.argv[1])
    read_ours(work)
    issue(work)
