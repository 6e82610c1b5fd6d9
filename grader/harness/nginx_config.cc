#include "grader/harness/nginx_config.h"

#include <unistd.h>

namespace kit {

std::string nginx_configuration(const std::string& folder, unsigned workers,
                                const std::string& http) {
  std::string text = "daemon off;\nworker_processes " + std::to_string(workers) +
                     ";\nerror_log stderr;\npid " + folder + "/nginx.pid;\n";
  // Workers of root's nginx are nobody's by default, and could not look into the folder.
  if (geteuid() == 0) text += "user root;\n";
  text += "events { worker_connections 4096; }\nhttp {\naccess_log off;\n";
  for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
    text += std::string(kind) + "_temp_path " + folder + "/" + kind + ";\n";
  }
  return text + http + "}\n";
}

std::vector<std::string> nginx_command(const std::string& folder) {
  return {kNginxProgram, "-e", "stderr", "-p", folder, "-c", folder + "/nginx.conf"};
}

}  // namespace kit
