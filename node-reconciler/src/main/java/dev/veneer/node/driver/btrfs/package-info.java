/** Writable snapshots of a base that lies in a btrfs subvolume. */
@NullMarked
package dev.veneer.node.driver.btrfs;

import org.jspecify.annotations.NullMarked;
