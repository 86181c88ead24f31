package dev.veneer.node.plan;

/** Whether {@code reserve.minFree} forbids to begin something new. */
final class LowSpace {
    private LowSpace() {}

    static boolean holds(PlanInput input) {
        return input.actual().node().freeBytes() < input.store().minFreeBytes();
    }

    static String text(PlanInput input) {
        return "only "
                + mib(input.actual().node().freeBytes())
                + " MiB are free in "
                + input.actual().node().storePath()
                + ", and NodeStore.spec.reserve.minFree is "
                + mib(input.store().minFreeBytes())
                + " MiB: nothing new is begun until there is more";
    }

    private static long mib(long bytes) {
        return bytes >> 20;
    }
}
