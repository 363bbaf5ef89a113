"""Does one job after the other, as a queue's worker would."""
import json
import os
import socket
import time

with socket.create_connection(("127.0.0.1", int(os.environ["DB_PORT"]))) as db, db.makefile("rw") as lines:

    def ask(sql):
        lines.write(sql + "\n")
        lines.flush()
        answer = lines.readline()
        if not answer:
            raise SystemExit("db is gone; devproxy starts me again")
        return json.loads(answer).get("rows", [])

    print("waiting for jobs")
    while True:
        for number, name in ask("select id, name from jobs where not done order by id limit 1"):
            ask(f"update jobs set done = 1 where id = {number}")
            print(f"did job {number}: {name}")
        time.sleep(0.2)
