"""Check a draft with a server on loopback that serves the bundled model; lay what it received beside the preview.

PYTHONPATH=. python -P packaging/check_with_bundled.py [REPOSITORY] [QUESTION]

The server speaks OpenAI's protocol and holds the model to the verdict's form with a grammar: what the small model finds
is worth nothing, the way there and back is what is shown. Everything happens in a temporary home.
"""

from __future__ import annotations

import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from engine.types import sha256_hex

ROOT = Path(__file__).resolve().parent.parent
CONTEXT = 6144
GRAMMAR = r"""
root ::= "{\"claims\": [" claim "], \"corrected\": \"" text "\", \"missing\": []}"
claim ::= "{\"quote\": \"" text "\", \"verdict\": \"" verdict "\", \"reason\": \"" text "\", \"lines\": [" lines "]}"
verdict ::= "supported" | "contradicted" | "undecided"
lines ::= "{\"evidence\": 1, \"first\": " number ", \"last\": " number "}"
number ::= [1-9] [0-9]?
text ::= [A-Za-z_`] [A-Za-z0-9_`., ()]{8,60}
"""


def main(arguments: list[str]) -> None:
    """Ask, preview, check, compare."""
    repository = Path(arguments[0] if arguments else ROOT).resolve()
    question = arguments[1] if len(arguments) > 1 else "What does is_loopback do?"
    with tempfile.TemporaryDirectory() as home:
        os.environ["SIDETUNE_HOME"] = home
        server = BundledServer()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/v1"
        print(f"bundled model at {address}")
        asked = sidetune("ask", question, "--repo", str(repository), "--effort", "instant")
        print(f"draft: {asked[-1]['text']!r}")
        values = ("provider=compatible", "model=bundled", f"address={address}", "rounds=0", "answer_tokens=300")
        sidetune("check", "--repo", str(repository), *(each for value in values for each in ("--set", value)))
        preview, checked = sidetune("check", "--repo", str(repository), "--yes")
        shown, received = preview["body"].encode(), server.received
        print(f"shown:    {len(shown):,} bytes, SHA-256 {preview['sha256']}")
        for body in received:
            print(f"received: {len(body):,} bytes, SHA-256 {sha256_hex(body)}")
        print(f"equal: {received == [shown]}")
        print(f"begins: {received[0][:160]!r}")
        for claim in checked["claims"]:
            print(f"verdict: {claim['verdict']} on {claim['text']!r}, lines {claim['lines']}")
        print(f"usage: {checked['usage']}; price source: {preview['price_source']}")
        server.shutdown()
        if received != [shown]:
            raise SystemExit("what was received is not what was shown")


def sidetune(*arguments: str) -> list[dict[str, Any]]:
    """Run a command and return the objects it prints."""
    command = [sys.executable, "-P", "-m", "engine.cli", *arguments, "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()]


class BundledServer(http.server.ThreadingHTTPServer):
    """POST /v1/chat/completions, streamed; ``received`` holds the body of every request."""

    def __init__(self) -> None:
        from llama_cpp import Llama, LlamaGrammar

        from engine.models.install import install_model

        super().__init__(("127.0.0.1", 0), Handler)
        self.received: list[bytes] = []
        self.llm = Llama(str(install_model("bundled").gguf), n_ctx=CONTEXT, verbose=False)
        self.grammar = LlamaGrammar.from_string(GRAMMAR, verbose=False)
        self.lock = threading.Lock()


class Handler(http.server.BaseHTTPRequestHandler):
    """One request."""

    server: BundledServer

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name in the library
        """Say nothing."""

    def do_POST(self) -> None:
        """Answer a chat."""
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.received.append(body)
        request = json.loads(body)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        with self.server.lock:
            llm = self.server.llm
            prompt = llm.tokenize(request["messages"][-1]["content"].encode(), special=False)
            room = CONTEXT - request["max_tokens"] - 8
            written = llm.create_completion(
                prompt[-room:],
                max_tokens=request["max_tokens"],
                grammar=self.server.grammar,
                stream=True,
            )
            for piece in written:
                choice = piece["choices"][0]
                delta = {"content": choice["text"]}
                self._event([{"index": 0, "delta": delta, "finish_reason": choice["finish_reason"]}])
        usage = {"prompt_tokens": len(prompt), "completion_tokens": 0, "total_tokens": len(prompt)}
        self._event([], usage=usage)
        self.wfile.write(b"data: [DONE]\n\n")

    def _event(self, choices: list[Any], **more: Any) -> None:
        chunk = {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "bundled", "choices": choices}
        self.wfile.write(f"data: {json.dumps({**chunk, **more})}\n\n".encode())


if __name__ == "__main__":
    main(sys.argv[1:])
