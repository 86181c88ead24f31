/**
 * Runs slivers as LXC containers on their mounted root file systems: configuration, start and stop, state, personal
 * files. {@link dev.veneer.node.runtime.ContainerRuntime} is all that others need.
 */
@NullMarked
package dev.veneer.node.runtime;

import org.jspecify.annotations.NullMarked;
