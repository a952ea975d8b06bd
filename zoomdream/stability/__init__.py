"""How steadily a film's dream follows its source: measures, a table, a picture.

result = measure("dreamed.mp4", "clip.mp4")
print(format_table(result))
save_plot(result, Path("stability.png"))
"""

from zoomdream.stability.chart import check_plot, save_plot
from zoomdream.stability.measurement import measure
from zoomdream.stability.result import Colors, Segment, Stability
from zoomdream.stability.table import format_table

__all__ = ["Colors", "Segment", "Stability", "check_plot", "format_table", "measure", "save_plot"]
