#pragma once

namespace musicvae {

/// From now on, a mapped file that another program cuts short while it is read ends this program
/// with kExitFailed and a message that names the file, instead of by a signal (SIGBUS).
void explain_lost_files();

}  // namespace musicvae
