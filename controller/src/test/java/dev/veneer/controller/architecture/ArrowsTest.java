package dev.veneer.controller.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** The arrows of {@code docs/architecture.md} in this module. */
class ArrowsTest {
    private static final JavaClasses OURS = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.veneer.controller");

    @Test
    void decisionsArePure() {
        classes()
                .that()
                .resideInAPackage("dev.veneer.controller.decide..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "dev.veneer.controller.decide..",
                        "dev.veneer.api..",
                        "org.jspecify.annotations..",
                        "java.lang..",
                        "java.util",
                        "java.util.function..",
                        "java.util.stream..",
                        "java.time..")
                .check(OURS);
        noClasses()
                .that()
                .resideInAPackage("dev.veneer.controller.decide..")
                .should()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Clock.class)
                .check(OURS);
    }

    @Test
    void theControllerKnowsNothingOfNodes() {
        noClasses()
                .that()
                .resideInAPackage("dev.veneer.controller..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.veneer.node..")
                .check(OURS);
    }

    @Test
    void reconcilersKnowNothingOfTheProgram() {
        noClasses()
                .that()
                .resideInAnyPackage("dev.veneer.controller.decide..", "dev.veneer.controller.reconcile..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.veneer.controller.app..")
                .check(OURS);
    }
}
