// The other side of named locks and events: `windows-sync mutex|semaphore|event NAME [hold|wait]`. Prints a line at each
// turn; `hold` keeps it until a line comes in, `die` ends while it holds.
#include <windows.h>
#include <cstdio>
#include <string>

static int say(const char *what) {
  std::printf("%s\n", what);
  std::fflush(stdout);
  return 0;
}

int wmain(int argc, wchar_t **argv) {
  if (argc < 4) return 2;
  const std::wstring kind = argv[1], name = argv[2], what = argv[3];
  HANDLE handle = kind == L"mutex"       ? CreateMutexW(nullptr, FALSE, name.c_str())
                  : kind == L"semaphore" ? CreateSemaphoreW(nullptr, 0, 5, name.c_str())
                                        : CreateEventW(nullptr, FALSE, FALSE, name.c_str());
  if (!handle) return 3;
  say(GetLastError() == ERROR_ALREADY_EXISTS ? "opened" : "created");
  if (what == L"signal") {
    if (kind == L"semaphore") ReleaseSemaphore(handle, 1, nullptr);
    else SetEvent(handle);
    return say("signaled");
  }
  const DWORD answer = WaitForSingleObject(handle, 30000);
  if (answer == WAIT_TIMEOUT) return say("timeout");
  say(answer == WAIT_ABANDONED ? "abandoned" : "acquired");
  if (what == L"die") ExitProcess(0);
  if (what == L"hold") {
    char line[16];
    if (!std::fgets(line, sizeof line, stdin)) return 4;
  }
  if (kind == L"mutex") ReleaseMutex(handle);
  return say("released");
}
