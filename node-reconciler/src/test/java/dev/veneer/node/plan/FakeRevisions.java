package dev.veneer.node.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.model.BaseRecord;
import dev.veneer.node.model.Rerun;
import dev.veneer.node.model.RootfsFacts;
import dev.veneer.node.model.SliverRecord;
import java.util.List;

/** The revisions of a fake world's slivers: what each action needs, and what it leaves. */
final class FakeRevisions {
    private final FakeWorld world;

    FakeRevisions(FakeWorld world) {
        this.world = world;
    }

    /** A record replaces another. */
    void replace(Thing thing, SliverRecord record) {
        assertEquals(thing.record.baseDigest(), record.baseDigest(), "another base without being moved");
        put(thing, record);
    }

    private void put(Thing thing, SliverRecord record) {
        assertEquals(thing.record.uid(), record.uid());
        assertTrue(record.generation() >= thing.record.generation(), "generation goes back");
        assertTrue(
                record.canonicalSpec().equals(thing.record.canonicalSpec())
                        || record.generation() == thing.record.generation() + 1,
                "a changed spec raises the generation once");
        assertEquals(thing.record.driver(), record.driver());
        assertTrue(record.rollbackSerial() >= thing.record.rollbackSerial(), "an order to go back is answered twice");
        if (!record.canonicalSpec().equals(thing.inForce.canonicalSpec())) {
            thing.inForce = world.slivers.get(record.id()).toSliver();
            assertEquals(record.canonicalSpec(), thing.inForce.canonicalSpec());
        }
        thing.record = record;
    }

    private Thing free(SliverRecord record) {
        Thing thing = world.thing(record.id());
        assertInstanceOf(RootfsFacts.Absent.class, thing.rootfs, "switches under a mount");
        assertTrue(!thing.container.running(), "switches under a container");
        return thing;
    }

    Void renew(SliverRecord record) {
        Thing thing = free(record);
        assertTrue(thing.revisions.add(record.revision()), "revision number used again");
        replace(thing, record);
        return null;
    }

    Void compact(Rewrite.Compact action) {
        renew(action.record());
        world.thing(action.record().id()).revisions.remove(action.from());
        return null;
    }

    Void rebase(Rewrite.Rebase action) {
        SliverRecord record = action.record();
        Thing thing = free(record);
        assertEquals(thing.record.baseDigest(), action.oldBase());
        assertNotEquals(thing.record.baseDigest(), record.baseDigest(), "moves to where it stands");
        BaseRecord base = world.bases.get(record.baseDigest());
        assertTrue(base != null, "moves to a base that is not there");
        assertTrue(thing.revisions.add(record.revision()), "revision number used again");
        assertEquals(action.from(), record.previous().get(0).revision(), "the revision before is kept");
        put(thing, record.withReruns(List.of(new Rerun(List.of("ldconfig"), "test"))));
        return null;
    }

    Void restore(Rewrite.Restore action) {
        SliverRecord record = action.record();
        Thing thing = free(record);
        assertTrue(thing.revisions.contains(action.to()), "goes back to what is not there");
        assertTrue(world.bases.containsKey(record.baseDigest()), "goes back to a base that is gone");
        if (action.copied()) {
            assertTrue(thing.revisions.add(record.revision()), "revision number used again");
        } else {
            assertEquals(action.to(), record.revision());
        }
        assertEquals(action.from(), record.previous().get(0).revision(), "the revision before is kept");
        put(thing, record);
        return null;
    }

    Void takeSnapshot(Action.TakeSnapshot action) {
        Thing thing = world.thing(action.record().id());
        assertTrue(thing.revisions.add(action.number()), "revision number used again");
        assertTrue(
                action.record().snapshots().stream().anyMatch(s -> s.revision() == action.number()),
                "the record does not name the snapshot");
        replace(thing, action.record());
        return null;
    }

    Void rerun(Action.RunInside action) {
        Thing thing = world.thing(action.record().id());
        assertTrue(thing.container.running(), "runs something in a container that does not run");
        assertEquals(thing.record.reruns(), action.commands());
        replace(thing, action.record());
        return null;
    }

    Void drop(Action.DropRevision action) {
        Thing thing = world.thing(action.record().id());
        assertTrue(action.revision() != thing.record.revision(), "drops the current revision");
        assertTrue(
                action.record().kept().stream().noneMatch(p -> p.revision() == action.revision()),
                "the record still names the dropped revision");
        replace(thing, action.record());
        thing.revisions.remove(action.revision());
        world.trash = true;
        return null;
    }

    Void deleteData(Action.DeleteData action) {
        Thing thing = world.thing(action.record().id());
        assertInstanceOf(RootfsFacts.Absent.class, thing.rootfs, "deletes under a mount");
        replace(thing, action.record());
        thing.revisions.clear();
        world.trash = true;
        return null;
    }
}
