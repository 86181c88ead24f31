package dev.veneer.node.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.veneer.node.failure.NodeException;
import dev.veneer.node.store.Finding;
import dev.veneer.node.store.StoreCheck;
import dev.veneer.node.testkit.FaultyLinuxCalls;
import dev.veneer.node.testkit.LoopDevice;
import java.util.List;

/** A world in which each fault is made in a turn of a rotation, so in a pass that does everything. */
final class Turns implements FaultWorld {
    private final Site site;
    private final Rotation rotation;
    private final Strangers strangers;

    Turns(LoopDevice device, String directory, List<String> drivers) throws Exception {
        site = Site.in(device, directory);
        rotation = new Rotation(site, drivers);
        rotation.begin();
        strangers = new Strangers(site);
        strangers.settle();
    }

    @Override
    public void next() throws Exception {
        rotation.next();
    }

    @Override
    public void pass(FaultyLinuxCalls faulty) throws Exception {
        site.pass(faulty.calls()).results().forEach(each -> {
            NodeException failure = each.failure();
            String why = failure == null ? "" : String.valueOf(failure.getMessage());
            assertFalse(why.contains("internal error"), () -> each.action() + ": " + why);
        });
    }

    @Override
    public void afterFault() throws Exception {
        strangers.assertUntouched();
        rotation.assertOldOrNew();
        assertEquals(0, site.mountsInScratch());
        for (Finding finding : new StoreCheck(Site.REAL, site.store().toString()).run(false, (digest, all) -> {})) {
            assertEquals(Finding.Severity.LEFTOVER, finding.kind().severity(), finding::toString);
        }
    }

    @Override
    public void recover() throws Exception {
        site.convergeInOneRun();
        rotation.atEnd();
        strangers.assertUntouched();
    }

    @Override
    public void close() {
        site.close();
    }
}
