// The native side of the Windows interop tests: a student in named memory, with nothing but the calls of Windows.
//
//   create NAME ID TEXT   makes a section of exactly sizeof(Student), fills it, says "ready", waits for a line, shows it
//   write NAME ID TEXT    fills an existing one
//   read NAME             shows an existing one
#include <windows.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <cwchar>

struct Student {
  long ID;
  char name[20];
};
static_assert(sizeof(Student) == 24, "long has 4 bytes on Windows");

static int failed(const char *call) {
  std::printf("%s: error %lu\n", call, GetLastError());
  return 1;
}

static void fill(Student *student, const wchar_t *id, const wchar_t *text) {
  student->ID = std::wcstol(id, nullptr, 10);
  std::memset(student->name, 0, sizeof student->name);
  std::wcstombs(student->name, text, sizeof student->name);
}

static void show(const Student *student) {
  std::printf("%ld %.20s\n", student->ID, student->name);
  std::fflush(stdout);
}

int wmain(int argc, wchar_t **argv) {
  const bool creates = argc == 5 && !std::wcscmp(argv[1], L"create");
  const bool writes = argc == 5 && !std::wcscmp(argv[1], L"write");
  const bool reads = argc == 3 && !std::wcscmp(argv[1], L"read");
  if (!creates && !writes && !reads) return 2;

  const DWORD access = reads ? FILE_MAP_READ : FILE_MAP_ALL_ACCESS;
  HANDLE section = creates ? CreateFileMappingW(INVALID_HANDLE_VALUE, nullptr, PAGE_READWRITE, 0, sizeof(Student), argv[2])
                           : OpenFileMappingW(access, FALSE, argv[2]);
  if (!section) return failed(creates ? "CreateFileMappingW" : "OpenFileMappingW");
  Student *student = static_cast<Student *>(MapViewOfFile(section, access, 0, 0, sizeof(Student)));
  if (!student) return failed("MapViewOfFile");

  if (!reads) fill(student, argv[3], argv[4]);
  if (creates) {
    std::puts("ready");
    std::fflush(stdout);
    std::getchar();
  }
  show(student);
  UnmapViewOfFile(student);
  CloseHandle(section);
  return 0;
}
