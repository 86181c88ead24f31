package dev.veneer.node.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.veneer.node.model.ActualImage;
import dev.veneer.node.model.BaseForm;
import dev.veneer.node.model.BaseRecord;
import dev.veneer.node.model.ContainerSpec;
import dev.veneer.node.model.ContainerState;
import dev.veneer.node.model.DesiredBaseImage;
import dev.veneer.node.model.DesiredSliver;
import dev.veneer.node.model.DesiredStore;
import dev.veneer.node.model.Digest;
import dev.veneer.node.model.DriverFacts;
import dev.veneer.node.model.IdRange;
import dev.veneer.node.model.ImageRecord;
import dev.veneer.node.model.KeptRevision;
import dev.veneer.node.model.NodeStoreRecord;
import dev.veneer.node.model.ObjectRef;
import dev.veneer.node.model.RangePromise;
import dev.veneer.node.model.RestartBackoff;
import dev.veneer.node.model.RollbackState;
import dev.veneer.node.model.RootfsFacts;
import dev.veneer.node.model.SliverId;
import dev.veneer.node.model.SliverRecord;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A node in memory that carries plans out, refuses what no real node could do, and lets a test damage it. Its rules are
 * written without looking at the planner: each action's precondition is what the kernel and the store demand.
 */
final class FakeWorld implements ActionVisitor<Void, RuntimeException> {
    static final String SOURCE = "files-a";

    final Map<String, DesiredBaseImage> images = new TreeMap<>();
    final Map<SliverId, Declared> slivers = new TreeMap<>();
    DesiredStore store = DesiredStore.defaults("node1");
    Instant now = Instant.parse("2026-01-01T00:00:00Z");

    @Nullable
    String hold;

    final Set<ObjectRef> removals = new HashSet<>();
    boolean prunes = true;
    boolean takesOver;
    String source = SOURCE;
    long freeBytes = 10L << 30;
    boolean readOnly;
    String lxcUnavailable = "";
    List<RangePromise> promises = List.of();
    boolean trash;
    Occasions occasions = Occasions.NONE;

    /** Containers that are asked to end take until {@link #endStops}. */
    boolean slowStops;

    @Nullable
    NodeStoreRecord nodeStore;

    final Map<ObjectRef, PastFailure> failures = new HashMap<>();
    List<DriverFacts> drivers = List.of(
            new DriverFacts("overlay", BaseForm.DIR, true, "works", true, List.of()),
            new DriverFacts("btrfs-snapshot", BaseForm.SUBVOL, true, "works", true, List.of()),
            new DriverFacts("copy", BaseForm.DIR, true, "works", true, List.of()));

    final SortedMap<String, ActualImage> actualImages = new TreeMap<>();
    final SortedMap<Digest, BaseRecord> bases = new TreeMap<>();
    final SortedMap<SliverId, Thing> actual = new TreeMap<>();

    private final WorldAsSeen seen = new WorldAsSeen();
    private final FakeRevisions revisions = new FakeRevisions(this);

    /** What is asked for once. */
    Requests requests = Requests.NONE;

    Declared declare(String name) {
        Declared sliver = new Declared(name);
        slivers.put(sliver.id, sliver);
        return sliver;
    }

    void declareImage(String name) {
        images.put(name, Declared.image(name, "file:/" + name + ".tar"));
    }

    /** Becomes a copy of another world. */
    void takeFrom(FakeWorld other) {
        requests = other.requests;
        occasions = other.occasions;
        images.putAll(other.images);
        slivers.putAll(other.slivers);
        actualImages.putAll(other.actualImages);
        bases.putAll(other.bases);
        actual.putAll(other.actual);
        failures.putAll(other.failures);
        removals.addAll(other.removals);
        store = other.store;
        now = other.now;
        hold = other.hold;
        prunes = other.prunes;
        takesOver = other.takesOver;
        source = other.source;
        freeBytes = other.freeBytes;
        readOnly = other.readOnly;
        lxcUnavailable = other.lxcUnavailable;
        trash = other.trash;
        promises = other.promises;
        slowStops = other.slowStops;
        drivers = other.drivers;
    }

    PlanInput input() {
        return seen.input(this);
    }

    Plan plan() {
        return seen.plan(this);
    }

    /** Plans and carries out until there is nothing to do; returns after how many rounds. */
    int converge() {
        for (int round = 0; round < 10; round++) {
            Plan plan = plan();
            if (plan.isEmpty() && !endStops()) {
                return round;
            }
            execute(plan, Integer.MAX_VALUE);
        }
        throw new AssertionError("no end: " + PlanText.of(plan()));
    }

    /** Carries out the first so many actions, as a killed run does. */
    void execute(Plan plan, int count) {
        int done = 0;
        Set<ObjectRef> deferred = new HashSet<>();
        for (Action action : plan.actions()) {
            if (done++ == count) {
                return;
            }
            if (deferred.contains(action.object())) {
                continue;
            }
            action.accept(this);
            if (action instanceof Action.StopContainer && slowStops) {
                deferred.add(action.object());
            }
        }
    }

    /** Containers that were asked to end have ended; whether there were any. */
    boolean endStops() {
        boolean any = false;
        for (Thing thing : actual.values()) {
            if (thing.container.phase() == ContainerState.Phase.STOPPING) {
                thing.container = new ContainerState(ContainerState.Phase.STOPPED, 0, List.of(), "", "");
                any = true;
            }
        }
        return any;
    }

    static Digest digestOf(String image) {
        byte[] bytes = image.getBytes(StandardCharsets.UTF_8);
        StringBuilder hex = new StringBuilder();
        for (int i = 0; i < 32; i++) {
            hex.append(String.format("%02x", (bytes[i % bytes.length] + i) & 0xff));
        }
        return new Digest(hex.toString());
    }

    Thing thing(SliverId id) {
        Thing thing = actual.get(id);
        assertNotNull(thing, "no such sliver: " + id);
        assertTrue(thing.container.phase() != ContainerState.Phase.STOPPING, "touches " + id + " while it is stopped");
        return thing;
    }

    @Override
    public Void stopContainer(Action.StopContainer action) {
        Thing thing = thing(action.id());
        assertTrue(thing.container.running(), "stops what does not run");
        thing.container = slowStops
                ? new ContainerState(
                        ContainerState.Phase.STOPPING,
                        thing.container.initPid(),
                        thing.container.starts(),
                        thing.container.fingerprint(),
                        "its container was asked to end")
                : new ContainerState(ContainerState.Phase.STOPPED, 0, List.of(), "", "");
        return null;
    }

    @Override
    public Void unmount(Action.Unmount action) {
        Thing thing = thing(action.id());
        assertFalse(thing.covered, "unmounts below a foreign mount");
        assertInstanceOf(RootfsFacts.Ours.class, thing.rootfs, "unmounts what is not ours");
        assertFalse(thing.container.running(), "unmounts under a running container");
        thing.rootfs = new RootfsFacts.Absent();
        return null;
    }

    @Override
    public Void importImage(Action.ImportImage action) {
        Digest digest = digestOf(action.image().source().describe());
        if (action.expected() != null) {
            assertEquals(action.expected(), digest);
        }
        bases.putIfAbsent(
                digest, new BaseRecord(digest, 1 << 20, 10, now, Set.of(BaseForm.DIR), null, Duration.ofHours(24)));
        ImageRecord record = action.record();
        actualImages.put(
                record.name(),
                new ActualImage(
                        new ImageRecord(
                                record.name(),
                                record.uid().isEmpty() ? UUID.randomUUID().toString() : record.uid(),
                                record.generation(),
                                record.sourceId(),
                                record.createdAt(),
                                record.canonicalSpec(),
                                digest),
                        action.image()));
        return null;
    }

    @Override
    public Void makeForm(Action.MakeForm action) {
        Digest digest = resolve(action.imageName(), action.digest());
        BaseRecord base = bases.get(digest);
        assertNotNull(base, "a form of a base that is not there");
        EnumSet<BaseForm> forms = EnumSet.copyOf(base.forms());
        // Which content an import comes to is known afterwards: it may be one that is there, with its forms.
        assertTrue(forms.add(action.form()) || action.digest() == null, "makes a form twice");
        bases.put(
                digest,
                new BaseRecord(
                        digest,
                        base.bytes(),
                        base.files(),
                        base.importedAt(),
                        forms,
                        base.unreferencedSince(),
                        base.keepUnreferenced()));
        return null;
    }

    @Override
    public Void recordImage(Action.RecordImage action) {
        DesiredBaseImage declared = images.get(action.record().name());
        assertNotNull(declared);
        actualImages.put(action.record().name(), new ActualImage(action.record(), declared));
        return null;
    }

    @Override
    public Void recordStore(Action.RecordStore action) {
        nodeStore = action.record();
        return null;
    }

    @Override
    public Void createSliver(Action.CreateSliver action) {
        DesiredSliver sliver = action.sliver();
        assertNull(actual.get(sliver.id()), "creates what is there");
        Digest digest = resolve(sliver.baseImage(), action.digest());
        BaseRecord base = bases.get(digest);
        assertNotNull(base, "creates on a base that is not there");
        assertTrue(base.forms().contains(action.form()), "the base lacks the form");
        assertFalse(readOnly, "writes on a read-only store");
        Thing thing = new Thing(
                new SliverRecord(
                        sliver.id(),
                        UUID.randomUUID().toString(),
                        1,
                        action.sourceId(),
                        now,
                        sliver.canonicalSpec(),
                        action.driver(),
                        action.driverReason(),
                        action.storeName(),
                        action.rootfs(),
                        sliver.baseImage(),
                        digest,
                        1,
                        sliver.instanceSerial(),
                        action.idRange(),
                        List.of(),
                        List.of(),
                        RollbackState.ofNew(sliver.rewriting().answeredWhenNew()),
                        List.of(),
                        null,
                        null,
                        false),
                sliver);
        thing.revisions.add(1);
        actual.put(sliver.id(), thing);
        return null;
    }

    @Override
    public Void updateSliver(Action.UpdateSliver action) {
        assertFalse(readOnly, "writes on a read-only store");
        Declared declared = slivers.get(action.record().id());
        // That a sliver is suspended is written down at once, whatever its container does.
        boolean suspends = declared != null && declared.suspend;
        Thing thing = suspends ? actual.get(declared.id) : thing(action.record().id());
        assertNotNull(thing);
        revisions.replace(thing, action.record());
        return null;
    }

    @Override
    public Void newInstance(Action.NewInstance action) {
        return revisions.renew(action.record());
    }

    @Override
    public Void compact(Rewrite.Compact action) {
        return revisions.compact(action);
    }

    @Override
    public Void rebase(Rewrite.Rebase action) {
        return revisions.rebase(action);
    }

    @Override
    public Void restore(Rewrite.Restore action) {
        return revisions.restore(action);
    }

    @Override
    public Void takeSnapshot(Action.TakeSnapshot action) {
        return revisions.takeSnapshot(action);
    }

    @Override
    public Void rerun(Action.RunInside action) {
        return revisions.rerun(action);
    }

    @Override
    public Void mount(Action.Mount action) {
        Thing thing = thing(action.id());
        assertFalse(thing.covered, "mounts over a foreign mount");
        assertInstanceOf(RootfsFacts.Absent.class, thing.rootfs, "mounts twice");
        assertFalse(thing.container.running(), "a second mount of a live store");
        assertTrue(thing.revisions.contains(thing.record.revision()), "mounts a revision that is not there");
        assertTrue(!action.mapped() || thing.record.idRange() != null, "maps without a range");
        assertTrue(
                !action.mapped() || promises.stream().noneMatch(p -> p.overlaps(thing.record.idRange())),
                "others' ids");
        thing.rootfs = new RootfsFacts.Ours(thing.record.revision(), action.mapped(), true, "");
        return null;
    }

    @Override
    public Void reattach(Action.Reattach action) {
        Thing thing = thing(action.id());
        assertTrue(thing.container.running(), "attaches what nobody holds");
        assertFalse(thing.covered, "attaches over a foreign mount");
        thing.rootfs = new RootfsFacts.Ours(
                thing.record.revision(), thing.inForce.userNamespace().maps(thing.inForce.power()), true, "");
        return null;
    }

    @Override
    public Void startContainer(Action.StartContainer action) {
        Thing thing = thing(action.sliver().id());
        assertFalse(thing.container.running(), "starts what runs");
        assertInstanceOf(RootfsFacts.Ours.class, thing.rootfs, "starts without a rootfs");
        assertTrue(lxcUnavailable.isEmpty(), "starts without LXC");
        thing.container = new ContainerState(
                ContainerState.Phase.RUNNING,
                4711,
                RestartBackoff.remember(thing.container.starts(), now),
                ContainerSpec.of(action.sliver(), thing.record, store).fingerprint(),
                "");
        return null;
    }

    @Override
    public Void dropRevision(Action.DropRevision action) {
        return revisions.drop(action);
    }

    @Override
    public Void deleteData(Action.DeleteData action) {
        return revisions.deleteData(action);
    }

    @Override
    public Void removeSliver(Action.RemoveSliver action) {
        Thing thing = thing(action.id());
        assertInstanceOf(RootfsFacts.Absent.class, thing.rootfs, "removes under a mount");
        assertFalse(thing.container.running(), "removes under a running container");
        assertFalse(slivers.containsKey(action.id()), "removes what is declared");
        assertNull(hold, "removes although held");
        assertEquals(source, thing.record.sourceId(), "removes another source's sliver");
        actual.remove(action.id());
        trash = true;
        return null;
    }

    @Override
    public Void forgetImage(Action.ForgetImage action) {
        assertFalse(images.containsKey(action.name()), "forgets what is declared");
        assertNotNull(actualImages.remove(action.name()));
        return null;
    }

    @Override
    public Void markBase(Action.MarkBase action) {
        BaseRecord base = bases.get(action.digest());
        assertNotNull(base);
        bases.put(action.digest(), base.marked(action.since(), action.keep()));
        return null;
    }

    @Override
    public Void removeBase(Action.RemoveBase action) {
        for (Thing thing : actual.values()) {
            assertFalse(
                    thing.record.baseDigest().equals(action.digest()) && !thing.record.dataDeleted(),
                    "removes the base of " + thing.record.id());
            for (KeptRevision kept : thing.record.kept()) {
                assertFalse(kept.baseDigest().equals(action.digest()), "removes the base of a kept revision");
            }
        }
        assertNotNull(bases.remove(action.digest()));
        return null;
    }

    @Override
    public Void emptyTrash(Action.EmptyTrash action) {
        assertTrue(trash, "empties an empty trash");
        trash = false;
        return null;
    }

    private Digest resolve(String image, @Nullable Digest digest) {
        if (digest != null) {
            return digest;
        }
        ActualImage known = actualImages.get(image);
        assertNotNull(known, "a base that was never imported");
        return known.record().digest();
    }

    /** What must hold at every moment. */
    void assertInvariants() {
        List<IdRange> ranges = new ArrayList<>();
        Set<String> rootfs = new HashSet<>();
        for (Thing thing : actual.values()) {
            assertTrue(rootfs.add(thing.record.rootfs()), "two slivers share a rootfs");
            IdRange range = thing.record.idRange();
            if (range != null) {
                for (IdRange other : ranges) {
                    assertFalse(range.overlaps(other), "id ranges overlap");
                }
                ranges.add(range);
            }
            if (!thing.record.dataDeleted()) {
                assertTrue(bases.containsKey(thing.record.baseDigest()), "a sliver lost its base");
                for (KeptRevision kept : thing.record.kept()) {
                    assertTrue(thing.revisions.contains(kept.revision()), "a kept revision is lost");
                    assertTrue(bases.containsKey(kept.baseDigest()), "a kept revision lost its base");
                    assertTrue(kept.revision() != thing.record.revision(), "the current revision is kept as another");
                }
            }
        }
    }
}
