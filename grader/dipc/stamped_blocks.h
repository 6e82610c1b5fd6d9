// Blocks of data that show when they are torn: each is one short stamp over and over, and how long
// it is follows from its stamp.
//
// Thread-safety: functions without state.
#ifndef GRADER_DIPC_STAMPED_BLOCKS_H_
#define GRADER_DIPC_STAMPED_BLOCKS_H_

#include <string>

namespace kit::dipc_lab {

// Block `number` of `writer`, of 16 to 160 KiB.
std::string stamped_block(int writer, int number);

// Ends the check unless `answer` (see dipc_peer.h) holds nothing at all, or one whole block.
void require_whole_block(const std::string& answer);

}  // namespace kit::dipc_lab

#endif  // GRADER_DIPC_STAMPED_BLOCKS_H_
