package dev.veneer.node.app;

import static java.util.stream.Collectors.joining;

import dev.veneer.api.Reason;
import dev.veneer.node.cli.DoctorCommand;
import dev.veneer.node.cli.StoreOptions;
import dev.veneer.node.driver.Availability;
import dev.veneer.node.driver.DriverRegistry;
import dev.veneer.node.failure.Follow;
import dev.veneer.node.failure.NodeException;
import dev.veneer.node.linux.Abi;
import dev.veneer.node.linux.Capabilities;
import dev.veneer.node.linux.JnrLinuxCalls;
import dev.veneer.node.linux.LinuxCalls;
import dev.veneer.node.linux.LinuxException;
import dev.veneer.node.linux.PathBytes;
import dev.veneer.node.linux.Statfs;
import dev.veneer.node.model.RangePromise;
import dev.veneer.node.runtime.LxcRuntime;
import dev.veneer.node.runtime.RuntimeAvailability;
import dev.veneer.node.store.IdRangePromises;
import dev.veneer.node.store.StoreLayout;
import dev.veneer.node.tree.TreeRemover;
import java.util.ArrayList;
import java.util.List;

/** {@code veneer doctor}: tries the real thing in the store, or beside where it will be. */
public final class Examining implements DoctorCommand.Doctor {
    private static final long CAP_SYS_ADMIN = 1L << 21;

    @Override
    public DoctorCommand.Diagnosis examine(StoreOptions store) throws NodeException {
        LinuxCalls calls = new JnrLinuxCalls();
        List<DoctorCommand.Finding> machine = new ArrayList<>();
        String existing = NewStore.nearestExisting(calls, store.directory());
        machine.add(rights(calls));
        machine.add(place(calls, store.directory(), existing));
        machine.add(lxc(calls, store.directory()));
        machine.add(ids(calls));
        return new DoctorCommand.Diagnosis(drivers(calls, store.directory(), existing), machine);
    }

    private static List<DoctorCommand.Finding> drivers(LinuxCalls calls, String store, String existing)
            throws NodeException {
        List<DoctorCommand.Finding> found = new ArrayList<>();
        boolean isStore = NewStore.exists(calls, store + "/format");
        String scratch = isStore
                ? new StoreLayout(store).absoluteScratch() + "/doctor-"
                        + ProcessHandle.current().pid()
                : (existing.equals("/") ? "" : existing) + "/.veneer-doctor-"
                        + ProcessHandle.current().pid();
        try {
            calls.mkdirat(Abi.AT_FDCWD, PathBytes.of(scratch), 0700);
        } catch (LinuxException e) {
            for (String name : DriverRegistry.all(calls).names()) {
                found.add(new DoctorCommand.Finding(
                        name, false, "nothing can be tried: " + e.getMessage(), "make " + existing + " writable"));
            }
            return found;
        }
        try {
            for (DriverRegistry.Entry entry : DriverRegistry.all(calls).inOrder()) {
                Availability availability = entry.driver().probe(scratch);
                found.add(new DoctorCommand.Finding(
                        entry.driver().name(), availability.available(), availability.reason(), availability.remedy()));
            }
        } finally {
            remove(calls, scratch);
        }
        return found;
    }

    private static void remove(LinuxCalls calls, String scratch) throws NodeException {
        try {
            new TreeRemover(calls).empty(scratch);
            calls.unlinkat(Abi.AT_FDCWD, PathBytes.of(scratch), Abi.AT_REMOVEDIR);
        } catch (LinuxException e) {
            throw new NodeException(
                    Reason.Failed,
                    Follow.RETRY,
                    "the scratch directory " + scratch + " cannot be removed: " + e.getMessage(),
                    e);
        }
    }

    private static DoctorCommand.Finding rights(LinuxCalls calls) {
        try {
            Capabilities capabilities = calls.capget();
            boolean admin = (capabilities.effective() & CAP_SYS_ADMIN) != 0;
            return new DoctorCommand.Finding(
                    "rights",
                    admin,
                    admin ? "may mount (CAP_SYS_ADMIN)" : "may not mount: CAP_SYS_ADMIN lacks",
                    admin ? "" : "run as root, outside of unprivileged containers");
        } catch (LinuxException e) {
            return new DoctorCommand.Finding("rights", false, String.valueOf(e.getMessage()), "run as root");
        }
    }

    private static DoctorCommand.Finding place(LinuxCalls calls, String store, String existing) {
        try {
            int fd = calls.openat2(Abi.AT_FDCWD, PathBytes.of(existing), Abi.O_RDONLY | Abi.O_DIRECTORY, 0, 0);
            try {
                Statfs space = calls.fstatfs(fd);
                boolean fine = !space.readOnly();
                return new DoctorCommand.Finding(
                        "store",
                        fine,
                        store + (existing.equals(store) ? "" : " (not there yet)") + ": "
                                + (space.availableBytes() >> 20) + " MiB free of " + (space.totalBytes() >> 20)
                                + " MiB" + (fine ? "" : ", read-only"),
                        fine ? "" : "mount " + existing + " writable, or look at the disk with dmesg");
            } finally {
                calls.close(fd);
            }
        } catch (LinuxException e) {
            return new DoctorCommand.Finding("store", false, String.valueOf(e.getMessage()), "name another --store");
        }
    }

    /** Which stores of the node tell each other what ids on the host their slivers have. */
    private static DoctorCommand.Finding ids(LinuxCalls calls) {
        IdRangePromises promises = IdRangePromises.ofNone(calls, RunDirectory.path());
        List<RangePromise> stores = promises.others();
        List<String> problems = promises.problems();
        String known = stores.isEmpty()
                ? "no store has given out ids on the host"
                : "ids on the host are given out by "
                        + stores.stream().map(RangePromise::store).collect(joining(", "));
        return new DoctorCommand.Finding(
                "id ranges",
                problems.isEmpty(),
                promises.directory() + ": " + (problems.isEmpty() ? known : String.join("; ", problems)),
                problems.isEmpty() ? "" : "remove what is not Veneer's there; each store writes its file again");
    }

    private static DoctorCommand.Finding lxc(LinuxCalls calls, String store) {
        RuntimeAvailability availability = new LxcRuntime(calls, store, NodeHost.read()).availability();
        String notes = availability.notes().isEmpty() ? "" : "; " + availability.notes();
        return new DoctorCommand.Finding(
                "lxc",
                availability.available(),
                availability.available()
                        ? "LXC " + availability.version() + " works" + notes
                        : availability.reason() + notes,
                availability.remedy());
    }
}
