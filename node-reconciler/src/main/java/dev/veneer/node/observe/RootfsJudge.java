package dev.veneer.node.observe;

import dev.veneer.node.model.MountEntry;
import dev.veneer.node.model.MountSpec;
import dev.veneer.node.model.RootfsFacts;
import dev.veneer.node.model.RootfsMount;
import java.util.List;

/** Tells, from the mounts at a rootfs, whose they are and whether they are as they should be. Pure. */
final class RootfsJudge {
    private final MountTable.Place place;
    private final String store;

    /**
     * @param place where the store lies
     * @param store its absolute path
     */
    RootfsJudge(MountTable.Place place, String store) {
        this.place = place;
        this.store = store;
    }

    /**
     * @param expected the mount of the sliver's current revision, unmapped
     * @param stack what is mounted at the rootfs, the topmost last
     */
    RootfsFacts judge(RootfsMount expected, List<MountEntry> stack) {
        if (stack.isEmpty()) {
            return new RootfsFacts.Absent();
        }
        MountEntry top = stack.get(stack.size() - 1);
        RootfsFacts facts =
                expected.spec() instanceof MountSpec.Bind bind ? bind(expected, bind, top) : overlay(expected, top);
        if (facts instanceof RootfsFacts.Ours ours && ours.sound()) {
            for (MountEntry below : stack.subList(0, stack.size() - 1)) {
                if (isOurs(expected, below)) {
                    return new RootfsFacts.Ours(ours.revision(), ours.mapped(), false, "it is mounted twice");
                }
            }
        }
        return facts;
    }

    private boolean isOurs(RootfsMount expected, MountEntry entry) {
        RootfsFacts facts =
                expected.spec() instanceof MountSpec.Bind bind ? bind(expected, bind, entry) : overlay(expected, entry);
        return facts instanceof RootfsFacts.Ours;
    }

    private static RootfsFacts overlay(RootfsMount expected, MountEntry top) {
        String prefix = "veneer:" + expected.sliver() + "@";
        if (!top.fsType().equals("overlay") || !top.source().startsWith(prefix)) {
            return foreign(top);
        }
        String rest = top.source().substring(prefix.length());
        int plus = rest.indexOf('+');
        String[] parts = (plus < 0 ? rest : rest.substring(0, plus)).split(":", -1);
        if (parts.length != 2 || !parts[1].equals(expected.store())) {
            return new RootfsFacts.Foreign("the sliver of that name of another store, " + top.source());
        }
        int revision = number(parts[0]);
        return ours(revision, plus >= 0, top, wrongOverlay(top));
    }

    private static String wrongOverlay(MountEntry top) {
        for (String option : List.of("metacopy=on", "index=on", "redirect_dir=on", "redirect_dir=follow")) {
            if (top.superOptions().contains(option)) {
                return "its options have " + option;
            }
        }
        return "";
    }

    private RootfsFacts bind(RootfsMount expected, MountSpec.Bind bind, MountEntry top) {
        String root = place.root().equals("/") ? "" : place.root();
        String wanted = root + bind.directory().substring(store.length());
        if (!top.device().equals(place.device())) {
            return foreign(top);
        }
        boolean mapped = top.hasOption("idmapped");
        if (top.root().equals(wanted)) {
            String wrong = "";
            for (String flag : List.of("nosuid", "nodev", "noexec")) {
                if (top.hasOption(flag)) {
                    wrong = "it is " + flag;
                }
            }
            return ours(expected.revision(), mapped, top, wrong);
        }
        String revisions = root + "/slivers/" + expected.sliver() + "/revisions/";
        if (top.root().startsWith(revisions)) {
            String rest = top.root().substring(revisions.length());
            int slash = rest.indexOf('/');
            return ours(number(slash < 0 ? rest : rest.substring(0, slash)), mapped, top, "");
        }
        return foreign(top);
    }

    private static RootfsFacts ours(int revision, boolean mapped, MountEntry top, String wrong) {
        String what = wrong.isEmpty() && !top.isWritable() ? "it is read-only" : wrong;
        return new RootfsFacts.Ours(revision, mapped, what.isEmpty(), what);
    }

    private static RootfsFacts foreign(MountEntry top) {
        return new RootfsFacts.Foreign(top.fsType() + " of " + top.source());
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            // A label that is not of our making: the revision cannot be told, which makes it a wrong one.
            return 0;
        }
    }
}
