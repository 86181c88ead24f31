package dev.veneer.node.driver.conformance;

import dev.veneer.node.driver.StorageDriver;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.testkit.LoopDevice;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/**
 * All cases, on one driver and one kind of file system. A driver's test class extends it and says which; cases by topic
 * are in the interfaces. Each case makes a world of its own on the one file system.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class DriverConformance
        implements ContentCases,
                NameCases,
                DeletionCases,
                MetadataCases,
                SpecialFileCases,
                CapabilityCases,
                LifeCases,
                InterruptionCases,
                UsageCases,
                ProbeCases,
                FieldBugCases,
                OracleCases {
    private final Function<LinuxCalls, StorageDriver> driver;
    private final LoopDevice.Kind kind;
    private final AtomicInteger worlds = new AtomicInteger();
    private LoopDevice device;

    /**
     * A suite.
     *
     * @param driver makes the driver
     * @param kind the kind of file system that the store lies on
     */
    protected DriverConformance(Function<LinuxCalls, StorageDriver> driver, LoopDevice.Kind kind) {
        this.driver = driver;
        this.kind = kind;
    }

    @BeforeAll
    void makeFileSystem() {
        device = LoopDevice.create(kind, 1024, "nosuid", "nodev", "noexec");
    }

    @AfterAll
    void removeFileSystem() {
        device.close();
    }

    @Override
    public World world() throws Exception {
        return new World(driver, newDirectory());
    }

    @Override
    public World world(String baseScript) throws Exception {
        return new World(driver, newDirectory(), baseScript);
    }

    private Path newDirectory() {
        return device.mountPoint().resolve("world" + worlds.incrementAndGet());
    }
}
