// mutool run annotate.js FILE fill|annotate: changes the file in place, as an incremental update
var doc = new PDFDocument(scriptArgs[0]);
var page = doc.loadPage(0);
if (scriptArgs[1] == "fill") {
    var widgets = page.getWidgets();
    for (var i = 0; i < widgets.length; ++i) {
        if (widgets[i].isText && widgets[i].isText() || widgets[i].getFieldType && widgets[i].getFieldType() == "text") {
            widgets[i].setTextValue("Beijing");
            widgets[i].update();
            break;
        }
    }
} else {
    var note = page.createAnnotation("Text");
    note.setRect([60, 40, 80, 60]);
    note.setContents("TEST note");
    note.update();
}
page.update();
doc.save(scriptArgs[0], "incremental");
