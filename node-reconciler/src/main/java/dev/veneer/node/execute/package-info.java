/** Carries plans out: the only place that mounts, unmounts, publishes and removes. */
@NullMarked
package dev.veneer.node.execute;

import org.jspecify.annotations.NullMarked;
