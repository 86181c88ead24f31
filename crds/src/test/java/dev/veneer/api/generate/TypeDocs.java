package dev.veneer.api.generate;

import com.sun.source.doctree.DocCommentTree;
import com.sun.source.doctree.DocTree;
import com.sun.source.doctree.ParamTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** The Javadoc of the API's types, read from their sources: what {@code kubectl explain} will show. */
final class TypeDocs {
    private final Map<String, String> texts = new HashMap<>();

    /** Reads all types of some source directories, but not of those below them. */
    static TypeDocs read(Path... directories) {
        TypeDocs docs = new TypeDocs();
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            List<Path> paths = new ArrayList<>();
            for (Path directory : directories) {
                try (Stream<Path> sources = Files.list(directory)) {
                    sources.filter(path -> path.toString().endsWith(".java"))
                            .sorted()
                            .forEach(paths::add);
                }
            }
            JavacTask task = (JavacTask)
                    compiler.getTask(null, files, null, List.of(), null, files.getJavaFileObjectsFromPaths(paths));
            DocTrees trees = DocTrees.instance(task);
            for (CompilationUnitTree unit : task.parse()) {
                docs.new Scanner(trees).scan(new TreePath(unit), null);
            }
            return docs;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a type is for. */
    String ofType(String simpleName) {
        return required(simpleName);
    }

    /** What a record's component is for. */
    String ofComponent(String simpleName, String component) {
        return required(simpleName + "#" + component);
    }

    /** What an enum's or a class's constant means. */
    String ofConstant(String simpleName, String constant) {
        return required(simpleName + "." + constant);
    }

    private String required(String key) {
        String text = texts.get(key);
        if (text == null || text.isEmpty()) {
            throw new IllegalStateException("no Javadoc for " + key);
        }
        return text;
    }

    private static String flat(List<? extends DocTree> parts) {
        String raw = parts.stream().map(DocTree::toString).collect(Collectors.joining());
        return raw.replaceAll("\\{@(?:code|link) ([^}]*)}", "$1")
                .replaceAll("\\s+", " ")
                .trim();
    }

    /** Notes the comment of every type, record component and enum constant. */
    private final class Scanner extends TreePathScanner<Void, Void> {
        private final DocTrees trees;

        Scanner(DocTrees trees) {
            this.trees = trees;
        }

        @Override
        public Void visitClass(ClassTree type, Void unused) {
            DocCommentTree comment = trees.getDocCommentTree(getCurrentPath());
            String name = type.getSimpleName().toString();
            if (comment != null) {
                texts.put(name, flat(comment.getFullBody()));
                for (DocTree tag : comment.getBlockTags()) {
                    if (tag instanceof ParamTree param) {
                        texts.put(name + "#" + param.getName(), flat(param.getDescription()));
                    }
                }
            }
            if (type.getKind() == Tree.Kind.ENUM || type.getKind() == Tree.Kind.CLASS) {
                for (Tree member : type.getMembers()) {
                    DocCommentTree said = trees.getDocCommentTree(new TreePath(getCurrentPath(), member));
                    if (member instanceof VariableTree constant && said != null) {
                        texts.put(name + "." + constant.getName(), flat(said.getFullBody()));
                    }
                }
            }
            return super.visitClass(type, null);
        }
    }
}
