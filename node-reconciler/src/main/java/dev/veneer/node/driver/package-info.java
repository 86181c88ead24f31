/**
 * Storage drivers: ways to build a sliver's root file system from a base image and a writable store.
 */
@NullMarked
package dev.veneer.node.driver;

import org.jspecify.annotations.NullMarked;
