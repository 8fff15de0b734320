#pragma once

namespace musicvae {

/// Lets a TCP port at which this process listens be reached from this machine alone, through
/// whichever of its addresses. Gives false where the system cannot do so (Linux before 5.7 for
/// users other than root, and other systems), or where the process does not listen there.
bool keep_to_this_machine(int port);

}  // namespace musicvae
