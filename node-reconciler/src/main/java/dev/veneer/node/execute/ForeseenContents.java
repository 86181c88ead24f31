package dev.veneer.node.execute;

import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.tree.rewrite.EqualContents;
import java.time.Instant;

/**
 * Which contents of a sliver were found to be the base's: of a large store all but what is changed while it is stopped, so
 * that it is down for as long as looking takes, not reading.
 */
record ForeseenContents(EqualContents equal) implements Foresight {
    /**
     * None yet.
     *
     * @param root directory of the sliver's store, open
     */
    static ForeseenContents none(NodeTools tools, int root) throws LinuxException {
        Instant settled = ChangeTimes.settled(tools.calls(), root, tools.clock());
        return new ForeseenContents(
                new EqualContents(tools.calls(), tools.store().layout().absoluteScratch(), settled));
    }

    @Override
    public void close() {
        equal.close();
    }
}
