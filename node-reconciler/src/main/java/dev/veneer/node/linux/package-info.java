/**
 * The system calls that Veneer makes. The only package that imports jnr; everything that touches a disk, a mount or
 * a process of ours goes through {@link dev.veneer.node.linux.LinuxCalls}, so that tests can cut it at any call.
 */
@NullMarked
package dev.veneer.node.linux;

import org.jspecify.annotations.NullMarked;
