"""The Python side of the POSIX interop tests: a student by multiprocessing.shared_memory.

create NAME ID TEXT   makes 24 bytes, fills them, says "ready", waits for a line, shows them, unlinks
write NAME ID TEXT    fills existing memory
read NAME             shows existing memory
untracked NAME        shows existing memory, and keeps Python from unlinking it at exit
"""
import struct
import sys
from multiprocessing import resource_tracker
from multiprocessing.shared_memory import SharedMemory

STUDENT = struct.Struct("=i20s")


def show(memory):
    number, name = STUDENT.unpack_from(memory.buf)
    print(number, name.split(b"\0")[0].decode(), flush=True)


def main(what, name, *student):
    options = {"create": True, "size": STUDENT.size} if what == "create" else {}
    if what == "untracked" and sys.version_info >= (3, 13):
        options["track"] = False
    memory = SharedMemory(name, **options)
    if what == "untracked" and sys.version_info < (3, 13):
        # Private, but the way that everybody went before 3.13: https://github.com/python/cpython/issues/82300
        resource_tracker.unregister(memory._name, "shared_memory")
    if student:
        STUDENT.pack_into(memory.buf, 0, int(student[0]), student[1].encode())
    if what == "create":
        print("ready", flush=True)
        sys.stdin.readline()
    show(memory)
    memory.close()
    if what == "create":
        memory.unlink()


main(*sys.argv[1:])
