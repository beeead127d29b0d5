package io.datawarehouse.it.plugin;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Enumeration;

/** One plugin's jar beside the product: a container that looks for beans sees those of the jar. */
final class PluginJar extends URLClassLoader {

  private static final String BEAN_ARCHIVE = "META-INF/beans.xml";

  PluginJar(Path jar, ClassLoader product) throws IOException {
    super(new URL[] {jar.toUri().toURL()}, product);
  }

  @Override
  public Enumeration<URL> getResources(String name) throws IOException {
    return name.equals(BEAN_ARCHIVE) ? findResources(name) : super.getResources(name);
  }
}
