package dev.veneer.node.app;

import dev.veneer.node.testkit.FaultyLinuxCalls;
import dev.veneer.node.testkit.LoopDevice;

/** What faults are made in, again and again, and what has to hold then. One thread has it for itself. */
interface FaultWorld extends AutoCloseable {
    /** Makes worlds, each in a directory of its own. */
    interface Maker {
        FaultWorld make(LoopDevice device, String directory) throws Exception;
    }

    /** Declares what is to be done next. */
    void next() throws Exception;

    /** Does it by these calls. */
    void pass(FaultyLinuxCalls faulty) throws Exception;

    /** What holds right after, whatever went wrong, before anything is recovered. */
    void afterFault() throws Exception;

    /** Recovers, and looks whether all is as declared. */
    void recover() throws Exception;

    @Override
    void close();
}
