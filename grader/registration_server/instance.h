// Instances: each check has one of its own, since /dev/shm may be shared with others; and what is
// there of them.
//
// Thread-safety: for the check's thread, but object_files(). Errors: none.
#ifndef GRADER_REGISTRATION_SERVER_INSTANCE_H_
#define GRADER_REGISTRATION_SERVER_INSTANCE_H_

#include <string>
#include <vector>

namespace kit::registration_lab {

// A name for an instance of which nothing is there. In the finding it is marked as one that varies.
std::string fresh_instance();

// The names in /dev/shm of the instance's objects, "/registration.INSTANCE..." each.
std::vector<std::string> object_files(const std::string& instance);

}  // namespace kit::registration_lab

#endif  // GRADER_REGISTRATION_SERVER_INSTANCE_H_
