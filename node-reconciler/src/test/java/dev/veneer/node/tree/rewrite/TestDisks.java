package dev.veneer.node.tree.rewrite;

import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.testkit.LoopDevice;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** File systems on which many test cases take place, each in a directory of its own; made when one is needed. */
public final class TestDisks implements AutoCloseable {
    private static final long MEBIBYTES = 600;

    private final Map<LoopDevice.Kind, LoopDevice> disks = new EnumMap<>(LoopDevice.Kind.class);
    private final AtomicLong next = new AtomicLong();

    /** A place of its own on a file system of this kind; for several threads at once. */
    public Stage stage(LinuxCalls calls, LoopDevice.Kind kind) throws Exception {
        return new Stage(calls, disk(kind).mountPoint().resolve("s" + next.incrementAndGet()));
    }

    private synchronized LoopDevice disk(LoopDevice.Kind kind) {
        return disks.computeIfAbsent(kind, each -> LoopDevice.create(each, MEBIBYTES));
    }

    @Override
    public synchronized void close() {
        disks.values().forEach(LoopDevice::close);
        disks.clear();
    }
}
