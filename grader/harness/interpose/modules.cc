#include "grader/harness/interpose/modules.h"

#include <link.h>
#include <string.h>
#include <unistd.h>

namespace kit {
namespace {

constexpr int kMaxModules = 32;
constinit Module modules[kMaxModules];
constinit int module_count = 0;

bool starts_with(const char* text, const char* head) {
  return strncmp(text, head, strlen(head)) == 0;
}

bool is_system_path(const char* path) {
  return *path != '/' || starts_with(path, "/lib") || starts_with(path, "/usr/");
}

Module module_of(const dl_phdr_info& info) {
  Module module;
  module.base = info.dlpi_addr;
  module.begin = UINTPTR_MAX;
  for (int i = 0; i < info.dlpi_phnum; ++i) {
    const ElfW(Phdr)& header = info.dlpi_phdr[i];
    if (header.p_type != PT_LOAD || (header.p_flags & PF_X) == 0) continue;
    const std::uintptr_t begin = info.dlpi_addr + header.p_vaddr;
    if (begin < module.begin) module.begin = begin;
    if (begin + header.p_memsz > module.end) module.end = begin + header.p_memsz;
  }
  return module;
}

void set_path(Module& module, const char* name, bool is_program) {
  if (is_program) {
    // It has no name here. What cannot be read stays empty, and is shown as unknown.
    const ssize_t length = readlink("/proc/self/exe", module.path, sizeof(module.path) - 1);
    module.path[length > 0 ? length : 0] = '\0';
  } else {
    strncpy(module.path, name, sizeof(module.path) - 1);
  }
}

int add_module(dl_phdr_info* info, std::size_t /*size*/, void* is_first) {
  const bool is_program = *static_cast<bool*>(is_first);
  *static_cast<bool*>(is_first) = false;
  if (!is_program && is_system_path(info->dlpi_name)) return 0;
  Module module = module_of(*info);
  const auto own = reinterpret_cast<std::uintptr_t>(&read_modules);
  if (own >= module.begin && own < module.end) return 0;
  set_path(module, info->dlpi_name, is_program);
  modules[module_count++] = module;
  return module_count == kMaxModules ? 1 : 0;
}

}  // namespace

void read_modules() {
  bool is_first = true;  // the program comes first
  dl_iterate_phdr(add_module, &is_first);
}

const Module* subject_module(const void* address) {
  const auto value = reinterpret_cast<std::uintptr_t>(address);
  for (int i = 0; i < module_count; ++i) {
    if (value >= modules[i].begin && value < modules[i].end) return &modules[i];
  }
  return nullptr;
}

}  // namespace kit
