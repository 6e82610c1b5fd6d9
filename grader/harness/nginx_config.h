// How nginx is run by whoever wants to, without the folders that are root's.
//
// Thread-safety: plain functions. Errors: none.
// Source: nginx.org/en/docs/ngx_core_module.html.
#ifndef GRADER_HARNESS_NGINX_CONFIG_H_
#define GRADER_HARNESS_NGINX_CONFIG_H_

#include <string>
#include <vector>

namespace kit {

// Where Debian's package has it.
inline constexpr char kNginxProgram[] = "/usr/sbin/nginx";

// A configuration: in the foreground, with its errors on standard error, no access log, and all
// that it has in `folder`. `http` goes into the http section, and has the servers.
std::string nginx_configuration(const std::string& folder, unsigned workers,
                                const std::string& http);

// The command line, for a configuration in <folder>/nginx.conf.
std::vector<std::string> nginx_command(const std::string& folder);

}  // namespace kit

#endif  // GRADER_HARNESS_NGINX_CONFIG_H_
