package dev.veneer.node.store;

import dev.veneer.node.linux.LinuxException;

/**
 * Brings a store from one format version to the next. May be killed at any call and is then run again from its
 * beginning, so each of its steps must bear that.
 */
@FunctionalInterface
interface UpgradeStep {
    void apply(StoreFiles files) throws LinuxException;
}
