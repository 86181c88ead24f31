/**
 * The node store on the disk: its layout, records, staging, durable commits, lock, index, trash, check and repair. Its
 * format is described in {@code docs/store-format.md}, what holds after a kill at any call in
 * {@code docs/crash-contract.md}.
 */
@NullMarked
package dev.veneer.node.store;

import org.jspecify.annotations.NullMarked;
