// The native side of the interop tests on POSIX: a student in named memory, with nothing but shm_open and mmap.
//
//   create NAME ID TEXT   makes memory of exactly sizeof(struct student), fills it, says "ready", waits for a line, shows it
//   write NAME ID TEXT    fills an existing one
//   read NAME             shows an existing one
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// int32_t is the `long` of the Windows original; here that would have 8 bytes.
struct student {
  int32_t ID;
  char name[20];
};
_Static_assert(sizeof(struct student) == 24, "as on Windows");

static int failed(const char *call) {
  perror(call);
  return 1;
}

static void fill(struct student *student, const char *id, const char *text) {
  student->ID = (int32_t)strtol(id, NULL, 10);
  memset(student->name, 0, sizeof student->name);
  memcpy(student->name, text, strnlen(text, sizeof student->name));
}

static void show(const struct student *student) {
  printf("%d %.20s\n", student->ID, student->name);
  fflush(stdout);
}

int main(int argc, char **argv) {
  const int creates = argc == 5 && !strcmp(argv[1], "create");
  const int writes = argc == 5 && !strcmp(argv[1], "write");
  const int reads = argc == 3 && !strcmp(argv[1], "read");
  if (!creates && !writes && !reads) return 2;

  char name[256];
  snprintf(name, sizeof name, "/%s", argv[2]);
  const int fd = shm_open(name, (reads ? O_RDONLY : O_RDWR) | (creates ? O_CREAT | O_EXCL : 0), 0600);
  if (fd < 0) return failed("shm_open");
  if (creates && ftruncate(fd, sizeof(struct student))) return failed("ftruncate");
  struct student *student =
      mmap(NULL, sizeof *student, reads ? PROT_READ : PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (student == MAP_FAILED) return failed("mmap");

  if (!reads) fill(student, argv[3], argv[4]);
  if (creates) {
    puts("ready");
    fflush(stdout);
    getchar();
  }
  show(student);
  munmap(student, sizeof *student);
  close(fd);
  if (creates) shm_unlink(name);
  return 0;
}
