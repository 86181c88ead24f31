package dev.veneer.node.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitCallTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.veneer.node.linux.LinuxCalls;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The arrows of {@code docs/architecture.md}: which package may know which. */
class ArrowsTest {
    private static final String ROOT = "dev.veneer.node.";
    private static final JavaClasses OURS = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.veneer");

    /**
     * For each package of the node what else of the node it may know; all may know the API. A package that is missing
     * here fails, so that a new one is thought about.
     */
    private static final Map<String, Set<String>> MAY_KNOW = new TreeMap<>(Map.ofEntries(
            Map.entry("failure", Set.of()),
            Map.entry("log", Set.of()),
            Map.entry("tls", Set.of()),
            Map.entry("linux", Set.of()),
            Map.entry("model", Set.of("failure")),
            Map.entry("desired", Set.of("model", "failure")),
            Map.entry("plan", Set.of("model", "failure")),
            Map.entry("status", Set.of("model", "failure", "plan", "execute", "store")),
            Map.entry("tree", Set.of("model", "failure", "linux")),
            Map.entry("store", Set.of("model", "failure", "linux", "tree")),
            Map.entry("image", Set.of("model", "failure", "linux", "tree", "store", "tls")),
            Map.entry("driver", Set.of("model", "failure", "linux", "tree")),
            Map.entry("runtime", Set.of("model", "failure", "linux", "tree")),
            Map.entry("observe", Set.of("model", "failure", "linux", "tree", "store", "driver", "runtime")),
            Map.entry(
                    "execute",
                    Set.of(
                            "model", "failure", "linux", "tree", "store", "driver", "runtime", "image", "plan",
                            "observe")),
            Map.entry("kubernetes", Set.of("model", "failure", "desired", "tls")),
            Map.entry("service", Set.of("failure", "linux")),
            Map.entry("metrics", Set.of("model", "failure")),
            Map.entry(
                    "loop",
                    Set.of(
                            "model", "failure", "linux", "tree", "store", "driver", "runtime", "image", "plan",
                            "observe", "execute", "status", "desired", "service", "metrics")),
            Map.entry("cli", Set.of("model", "failure", "log")),
            Map.entry(
                    "app",
                    Set.of(
                            "model",
                            "failure",
                            "linux",
                            "tree",
                            "store",
                            "driver",
                            "runtime",
                            "image",
                            "plan",
                            "observe",
                            "execute",
                            "status",
                            "desired",
                            "service",
                            "metrics",
                            "loop",
                            "log",
                            "cli",
                            "kubernetes"))));

    /** Calls that change nothing on the disk, in the mount table or in a process. Everything else writes. */
    private static final Set<String> READING_CALLS = Set.of(
            "openat2",
            "close",
            "read",
            "pread",
            "lseek",
            "readlinkat",
            "statx",
            "getdents64",
            "fgetxattr",
            "lgetxattr",
            "flistxattr",
            "llistxattr",
            "fstatfs",
            "poll",
            "inotifyInit",
            "inotifyAddWatch",
            "eventfd",
            "pidfdOpen",
            "capget",
            "ioctl",
            "flock",
            "setns");

    @TestFactory
    List<DynamicTest> eachPackageKnowsOnlyWhatItMay() {
        Set<String> packages = OURS.stream()
                .map(JavaClass::getPackageName)
                .filter(name -> name.startsWith(ROOT))
                .map(name -> name.substring(ROOT.length()).replaceAll("\\..*", ""))
                .collect(Collectors.toCollection(TreeSet::new));
        return packages.stream()
                .map(name -> DynamicTest.dynamicTest(name, () -> knowsOnly(name)))
                .collect(Collectors.toList());
    }

    private static void knowsOnly(String name) {
        Set<String> others = MAY_KNOW.get(name);
        assertTrue(others != null, "package " + name + " has no row in MAY_KNOW and none in docs/architecture.md");
        Set<String> allowed = new TreeSet<>(others);
        allowed.add(name);
        DescribedPredicate<JavaClass> foreign = DescribedPredicate.describe(
                "a package of the node other than " + allowed,
                target -> target.getPackageName().startsWith(ROOT)
                        && !allowed.contains(
                                target.getPackageName().substring(ROOT.length()).replaceAll("\\..*", "")));
        noClasses()
                .that()
                .resideInAPackage(ROOT + name + "..")
                .should()
                .dependOnClassesThat(foreign)
                .check(OURS);
    }

    @Test
    void noCycleBetweenPackages() {
        slices().matching("dev.veneer.node.(*)..").should().beFreeOfCycles().check(OURS);
    }

    @Test
    void apiKnowsNothingOfTheNode() {
        noClasses()
                .that()
                .resideInAPackage("dev.veneer.api..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.veneer.node..")
                .check(OURS);
    }

    /** docs/decisions/0002: the node runs without the client, so nothing but the link to a cluster may load what needs it. */
    @Test
    void theNodeDoesWithoutTheKubernetesClient() {
        noClasses()
                .that()
                .resideInAPackage("dev.veneer.node..")
                .and()
                .resideOutsideOfPackage(ROOT + "kubernetes..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.fabric8..")
                .orShould()
                .dependOnClassesThat(DescribedPredicate.describe("an object of the Kubernetes client", target -> Set.of(
                                "dev.veneer.api.v1alpha1.BaseImage",
                                "dev.veneer.api.v1alpha1.NodeStore",
                                "dev.veneer.api.v1alpha1.Sliver")
                        .contains(target.getFullName())))
                .check(OURS);
    }

    /** Whoever refers to the link loads the client: only what is made when the agent is told to belong to a cluster. */
    @Test
    void onlyTheFeedOfAClusterKnowsTheLink() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + "kubernetes..")
                .and()
                .haveNameNotMatching(".*[.]ClusterFeed([$].*)?")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ROOT + "kubernetes..")
                .check(OURS);
    }

    @Test
    void plannerAndStatusArePure() {
        noClasses()
                .that()
                .resideInAnyPackage(ROOT + "plan..", ROOT + "status..", ROOT + "model..")
                .and()
                .haveSimpleNameNotEndingWith("Reporter")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "java.io..",
                        "java.net..",
                        "java.nio.channels..",
                        "java.nio.file..",
                        "java.util.concurrent..",
                        "javax..",
                        "org.slf4j..",
                        "org.quartz..",
                        "jnr..")
                .check(OURS);
        noClasses()
                .that()
                .resideInAnyPackage(ROOT + "plan..", ROOT + "status..", ROOT + "model..")
                .and()
                .haveSimpleNameNotEndingWith("Reporter")
                .should()
                .callMethodWhere(
                        DescribedPredicate.describe("reads the clock or draws lots", ArrowsTest::isNotAFunction))
                .check(OURS);
    }

    private static boolean isNotAFunction(JavaAccess<?> call) {
        String owner = call.getTargetOwner().getFullName();
        String method = call.getTarget().getName();
        boolean time = owner.startsWith("java.time.") && (method.equals("now") || owner.equals("java.time.Clock"));
        boolean system =
                owner.equals("java.lang.System") && !method.equals("arraycopy") && !method.equals("identityHashCode");
        return time || system || method.equals("randomUUID") || owner.equals("java.util.Random");
    }

    @Test
    void nothingLeftOfThePlanWrites() {
        noClasses()
                .that()
                .resideInAnyPackage(ROOT + "desired..", ROOT + "observe..", ROOT + "plan..")
                .should()
                .callCodeUnitWhere(
                        DescribedPredicate.describe("changes the disk or the mounts", call -> writes(call.getTarget())))
                .check(OURS);
    }

    private static boolean writes(CodeUnitCallTarget target) {
        String owner = target.getOwner().getFullName();
        if (owner.equals(LinuxCalls.class.getName())) {
            return !READING_CALLS.contains(target.getName());
        }
        return Set.of(
                        "java.io.FileOutputStream",
                        "java.io.FileWriter",
                        "java.io.RandomAccessFile",
                        "java.nio.channels.FileChannel",
                        "java.lang.ProcessBuilder")
                .contains(owner);
    }

    @Test
    void readingCallsExist() {
        Set<String> names = Arrays.stream(LinuxCalls.class.getMethods())
                .map(Method::getName)
                .collect(Collectors.toSet());
        Set<String> gone = new TreeSet<>(READING_CALLS);
        gone.removeAll(names);
        assertEquals(Set.of(), gone);
    }

    @Test
    void diskIsTouchedThroughLinuxCallsOnly() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        ROOT + "store..",
                        ROOT + "execute..",
                        ROOT + "image..",
                        ROOT + "driver..",
                        ROOT + "tree..",
                        ROOT + "runtime..",
                        ROOT + "observe..")
                .should()
                .dependOnClassesThat(DescribedPredicate.describe("a way round LinuxCalls", target -> Set.of(
                                "java.nio.file.Files",
                                "java.io.File",
                                "java.io.FileInputStream",
                                "java.io.FileOutputStream",
                                "java.io.FileReader",
                                "java.io.FileWriter",
                                "java.io.RandomAccessFile",
                                "java.nio.channels.FileChannel")
                        .contains(target.getFullName())))
                .check(OURS);
    }

    @TestFactory
    List<DynamicTest> eachLibraryHasItsPlace() {
        Map<String, List<String>> places = new TreeMap<>(Map.of(
                "jnr..", List.of("linux"),
                "com.kenai..", List.of("linux"),
                "picocli..", List.of("cli"),
                "org.quartz..", List.of("loop"),
                "com.github.luben..", List.of("image"),
                "io.micrometer..", List.of("metrics"),
                "org.yaml..", List.of("desired", "cli")));
        return places.entrySet().stream()
                .map(place -> DynamicTest.dynamicTest(place.getKey(), () -> noClasses()
                        .that()
                        .resideOutsideOfPackages(place.getValue().stream()
                                .map(name -> ROOT + name + "..")
                                .toArray(String[]::new))
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage(place.getKey())
                        .check(OURS)))
                .collect(Collectors.toList());
    }

    @Test
    void onlyTheCommandLineAndTheLogPrint() {
        noClasses()
                .that()
                .resideOutsideOfPackages(ROOT + "cli..", ROOT + "log..")
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .check(OURS);
    }

    @Test
    void driversAreNarrow() {
        long methods = Arrays.stream(dev.veneer.node.driver.StorageDriver.class.getDeclaredMethods())
                .filter(method -> !method.isSynthetic())
                .count();
        assertTrue(
                methods <= 10,
                "StorageDriver has " + methods + " methods; powers that not all have are interfaces of their own");
    }

    @Test
    void theImportSeesTheCode() {
        assertTrue(OURS.size() > 50, "only " + OURS.size() + " classes were looked at");
        assertFalse(OURS.contain("dev.veneer.node.architecture.ArrowsTest"));
    }
}
