package dev.veneer.node.driver.conformance;

/** Where a case gets its world from. */
interface Worlds {
    /** A world with the usual base: some files, directories, links, owners. */
    World world() throws Exception;

    /** A world whose base this shell script makes in an empty directory. */
    World world(String baseScript) throws Exception;

    /** Runs one script in a sliver and its oracle, compares, mounts it again, compares. */
    default void same(String... steps) throws Exception {
        try (World world = world()) {
            TestSliver sliver = world.sliver("one");
            for (String step : steps) {
                sliver.step(step);
            }
            sliver.remount();
        }
    }
}
